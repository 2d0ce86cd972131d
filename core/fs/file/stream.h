/* The standard streams as open files. */
#ifndef RR_FILE_STREAM_H
#define RR_FILE_STREAM_H

struct file;
struct file_ops;

/* f->priv: which of the three descriptors it is. */
extern const struct file_ops stream_ops;

/*
 * The three standard streams, each with a reference: by the names that devfs gives
 * them, where there are names.  0 or -errno, and none is open.
 */
int stream_open_std(struct file *files[3]);

#endif
