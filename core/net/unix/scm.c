/* Credentials and file descriptors in control messages (unix(7)). */
#include "unix.h"
#include "page.h"
#include "process.h"
#include "string.h"
#include "thread.h"
#include "uaccess.h"

static struct unix_scm *scm_alloc(unsigned n)
{
	struct unix_scm *s = kzalloc(sizeof(*s) + n * sizeof(s->files[0]), 0);

	return s;
}

/* A thread that is giving files back. */
struct freeing {
	struct list link;
	const struct thread *thread;
	struct list scms; /* what else is to be freed; its own */
};

static struct list freeing = LIST_INIT(freeing); /* of link; freeing_lock */
static spinlock_t freeing_lock = SPINLOCK_INIT;

static struct freeing *my_freeing(void)
{
	struct freeing *f, *mine = NULL;

	spin_lock(&freeing_lock);
	list_for_each(f, &freeing, link)
		if (f->thread == current_thread())
			mine = f;
	spin_unlock(&freeing_lock);
	return mine;
}

static void free_now(struct unix_scm *scm)
{
	for (unsigned i = 0; i < scm->nr_files; i++)
		file_put(scm->files[i]);
	kfree(scm);
}

/*
 * The last reference to a socket may be in the queue of another one, and so on: a
 * chain as long as a program likes.  A stack is not, so what comes up while the
 * current thread frees something waits until that is done.
 */
void unix_scm_free(struct unix_scm *scm)
{
	struct freeing *outer = my_freeing();
	struct freeing here = {.thread = current_thread()};

	if (outer) {
		list_append(&outer->scms, &scm->link);
		return;
	}
	list_init(&here.scms);
	spin_lock(&freeing_lock);
	list_append(&freeing, &here.link);
	spin_unlock(&freeing_lock);
	list_append(&here.scms, &scm->link);
	while (!list_empty(&here.scms)) {
		scm = list_first(&here.scms, struct unix_scm, link);
		list_del(&scm->link);
		free_now(scm);
	}
	spin_lock(&freeing_lock);
	list_del(&here.link);
	spin_unlock(&freeing_lock);
}

static int take_rights(struct unix_msg *msg, const struct cmsghdr *c)
{
	size_t n = (c->cmsg_len - sizeof(*c)) / sizeof(int);
	unsigned have = msg->scm ? msg->scm->nr_files : 0;
	const int *fd = CMSG_DATA(c);
	struct unix_scm *s;

	if (!n)
		return 0;
	if (have + n > SCM_MAX_FD)
		return -EINVAL;
	s = scm_alloc(have + (unsigned)n);
	if (!s)
		return -ENOMEM;
	/* Several messages of this kind add up. */
	for (unsigned i = 0; i < have; i++)
		s->files[i] = msg->scm->files[i];
	s->nr_files = have;
	kfree(msg->scm);
	msg->scm = s;
	for (size_t i = 0; i < n; i++) {
		struct file *f = fd_get_raw(fd[i]);

		if (!f)
			return -EBADF;
		s->files[s->nr_files++] = f;
	}
	return unix_may_fly(s);
}

/* The superuser may claim anything, others what they are. */
static int take_credentials(struct unix_msg *msg, const struct cmsghdr *c)
{
	const struct process *p = current_process();
	struct ucred u;

	if (c->cmsg_len != CMSG_LEN(sizeof(u)))
		return -EINVAL;
	memcpy(&u, CMSG_DATA(c), sizeof(u));
	if (p->euid != 0 &&
	    ((int)u.pid != p->pid ||
	     (u.uid != p->uid && u.uid != p->euid && u.uid != p->suid) ||
	     (u.gid != p->gid && u.gid != p->egid && u.gid != p->sgid)))
		return -EPERM;
	msg->cred = u;
	msg->has_cred = true;
	return 0;
}

int unix_scm_send(struct unix_msg *msg, const struct socket_msg *m)
{
	struct cmsghdr *c;
	int err = 0;

	for (c = cmsg_next(m, NULL); c && !err; c = cmsg_next(m, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_RIGHTS)
			err = take_rights(msg, c);
		else if (c->cmsg_type == SCM_CREDENTIALS)
			err = take_credentials(msg, c);
		else
			err = -EINVAL;
	}
	if (err && msg->scm) {
		unix_scm_free(msg->scm);
		msg->scm = NULL;
	}
	return err;
}

/* As many descriptors as there is room for; the rest is closed (MSG_CTRUNC). */
static int give_rights(struct unix_scm *scm, struct socket_msg *m)
{
	size_t room = cmsg_room(m) / sizeof(int);
	unsigned n = (unsigned)MIN((size_t)scm->nr_files, room), i;
	int flags = m->flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0;
	int fd[SCM_MAX_FD], err = 0;

	/*
	 * Under the lock, so that the collector sees all references or none: else it
	 * might count one of them before it was taken here, by a peek, and the socket
	 * that it is queued at after that was closed.
	 */
	mutex_lock(&unix_lock);
	for (i = 0; i < n; i++)
		file_get(scm->files[i]);
	mutex_unlock(&unix_lock);
	for (i = 0; i < n; i++) {
		fd[i] = fd_install(scm->files[i], flags);
		if (fd[i] < 0)
			break;
	}
	/* The one that there was no room for is put already. */
	for (unsigned k = i + 1; k < n; k++)
		file_put(scm->files[k]);
	if (i)
		err = put_cmsg(m, SOL_SOCKET, SCM_RIGHTS, fd, i * sizeof(int));
	if (err)
		while (i)
			fd_close(fd[--i]);
	if (i < scm->nr_files && m->cmsg)
		m->cmsg->truncated = true;
	return err;
}

int unix_scm_receive(struct unix_sock *u, struct unix_msg *msg,
		     struct socket_msg *m, bool peek)
{
	struct unix_scm *scm = msg->scm;
	int err = 0;

	if (u->s.opt.passcred && m->cmsg)
		err = put_cmsg(m, SOL_SOCKET, SCM_CREDENTIALS, &msg->cred,
			       sizeof(msg->cred));
	if (err || !scm)
		return err;
	/* read(2) has nowhere to put them: they are closed. */
	if (m->cmsg)
		err = give_rights(scm, m);
	if (!peek && !err) {
		/* The collector looks at queued messages under the spin lock. */
		spin_lock(&u->spin);
		msg->scm = NULL;
		spin_unlock(&u->spin);
		unix_landed(scm);
		unix_scm_free(scm);
	}
	return err;
}
