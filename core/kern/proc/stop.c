/* Job control: stopping processes and letting them go on. */
#include "private.h"

bool process_group_orphaned(struct process *p)
{
	struct process *member;
	bool orphaned = true;

	mutex_lock(&process_lock);
	for (int pid = 0; orphaned && (member = process_next(pid));
	     process_put(member)) {
		const struct process *parent = member->parent;

		pid = member->pid;
		if (member->pgid != p->pgid || member->zombie || !parent ||
		    parent == &kernel_process)
			continue;
		if (parent->pgid != p->pgid && parent->sid == p->sid)
			orphaned = false;
	}
	mutex_unlock(&process_lock);
	return orphaned;
}

void process_stop_wait(struct process *p)
{
	bool tell;
	u64 flags;

	wait_event(&p->stop_wait,
		   !READ_ONCE(p->stopped) || READ_ONCE(p->exiting));
	flags = spin_lock_irqsave(&p->lock);
	tell = p->cont_to_tell;
	p->cont_to_tell = false;
	spin_unlock_irqrestore(&p->lock, flags);
	if (tell) {
		mutex_lock(&process_lock);
		notify_parent_locked(p, CLD_CONTINUED, SIGCONT);
		mutex_unlock(&process_lock);
	}
}

void process_stop(struct process *p, int sig, unsigned continues)
{
	struct thread *t;
	u64 flags = spin_lock_irqsave(&p->lock);
	/* A SIGCONT that came after the stop signal was taken wins. */
	bool stop = p->continues == continues && !p->exiting && !p->stopped;

	if (stop) {
		p->stopped = true;
		p->stop_signal = sig;
		p->stop_unreported = true;
		p->cont_unreported = false;
		p->cont_to_tell = false;
		list_for_each(t, &p->threads, process_link) {
			if (t == current_thread())
				continue;
			thread_set_work(t, THREAD_WORK_SIGNAL);
			thread_interrupt(t);
		}
	}
	spin_unlock_irqrestore(&p->lock, flags);
	if (stop) {
		mutex_lock(&process_lock);
		notify_parent_locked(p, CLD_STOPPED, sig);
		mutex_unlock(&process_lock);
	}
	process_stop_wait(p);
}
