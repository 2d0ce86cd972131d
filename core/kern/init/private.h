/* Private to kern/init. */
#ifndef RR_KERN_INIT_H
#define RR_KERN_INIT_H

/* The worker's thread function. */
void work_thread(void *arg);
/* Read the configuration document; ends the guest when it is wrong. */
void config_init(void);

#endif
