/* Files for the kernel itself. */
#include "kernelfile.h"
#include "private.h"

struct file *kernel_open(const char *path, int flags, u32 mode)
{
	return vfs_open(AT_FDCWD, path, flags, mode, 0);
}

int kernel_mkdir_p(const char *path, u32 mode)
{
	size_t len = strlen(path);
	char *copy = kstrdup(path);
	int err = 0;

	if (!copy)
		return -ENOMEM;
	for (size_t i = 1; !err && i <= len; i++) {
		if (copy[i] != '/' && copy[i] != '\0')
			continue;
		copy[i] = '\0';
		err = vfs_mkdir(AT_FDCWD, copy, mode);
		/* "/." and the like are there, too. */
		if (err == -EEXIST)
			err = 0;
		copy[i] = '/';
	}
	kfree(copy);
	return err;
}

int kernel_write_file(const char *path, const void *data, size_t n, u32 mode)
{
	struct file *f = kernel_open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	size_t done = 0;
	ssize_t r = 0;

	if (IS_ERR(f))
		return PTR_ERR(f);
	while (done < n && r >= 0) {
		r = file_write_kernel(f, (const char *)data + done, n - done,
				      NULL);
		if (r == 0)
			r = -EIO;
		done += r > 0 ? (size_t)r : 0;
	}
	file_put(f);
	return r < 0 ? (int)r : 0;
}

char *kernel_read_file(const char *path, size_t max, size_t *n)
{
	struct file *f = kernel_open(path, O_RDONLY, 0);
	size_t room = 1024;
	ssize_t r;
	char *buf, *more;

	if (IS_ERR(f))
		return (void *)f;
	buf = kmalloc(room, ALLOC_WAIT);
	for (*n = 0, r = buf ? 1 : -ENOMEM; r > 0;) {
		if (*n + 1 == room) {
			more = krealloc(buf, room * 2, ALLOC_WAIT);
			if (!more) {
				r = -ENOMEM;
				break;
			}
			buf = more;
			room *= 2;
		}
		r = file_read_kernel(f, buf + *n, room - 1 - *n, NULL);
		*n += r > 0 ? (size_t)r : 0;
		if (*n > max)
			r = -EFBIG;
	}
	file_put(f);
	if (r < 0) {
		kfree(buf);
		return ERR_PTR(r);
	}
	buf[*n] = '\0';
	return buf;
}

int kernel_mount(const char *source, const char *point, const char *type,
		 u64 flags, const char *options)
{
	struct path p;
	int err = kernel_mkdir_p(point, 0755);

	if (!err)
		err = path_lookup(AT_FDCWD, point, WALK_FOLLOW | WALK_DIRECTORY,
				  &p);
	if (err)
		return err;
	err = vfs_mount(source, &p, type, flags, options);
	path_put(&p);
	return err;
}
