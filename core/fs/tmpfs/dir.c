/* The entries of a directory. */
#include "dir.h"
#include "page.h"
#include "string.h"
#include <linux/errno.h>

#define BUCKETS_START 8

static u32 hash_name(const char *name, size_t len)
{
	/* FNV-1a. */
	u32 h = 0x811c9dc5u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (u8)name[i]) * 0x01000193u;
	return h ^ h >> 15;
}

void tmpfs_dir_init(struct tmpfs_dir *d)
{
	memset(d, 0, sizeof(*d));
	d->next_cookie = TMPFS_FIRST_COOKIE;
}

void tmpfs_dir_destroy(struct tmpfs_dir *d)
{
	kfree(d->buckets);
	d->buckets = NULL;
	d->bucket_count = 0;
}

static struct list *bucket(const struct tmpfs_dir *d, u32 hash)
{
	return &d->buckets[hash & (d->bucket_count - 1)];
}

/* Twice the buckets; if there is no memory, chains get longer. */
static int rehash(struct tmpfs_dir *d)
{
	size_t n = d->bucket_count ? d->bucket_count * 2 : BUCKETS_START;
	struct list *fresh = kmalloc(n * sizeof(*fresh), ALLOC_WAIT);
	struct tmpfs_entry *e, *next;
	struct list *old = d->buckets;
	size_t old_count = d->bucket_count;

	if (!fresh)
		return old ? 0 : -ENOMEM;
	for (size_t i = 0; i < n; i++)
		list_init(&fresh[i]);
	d->buckets = fresh;
	d->bucket_count = n;
	for (size_t i = 0; i < old_count; i++) {
		list_for_each_safe(e, next, &old[i], link) {
			list_del(&e->link);
			list_push(bucket(d, e->hash), &e->link);
		}
	}
	kfree(old);
	return 0;
}

struct tmpfs_entry *tmpfs_dir_find(const struct tmpfs_dir *d, const char *name,
				   size_t len)
{
	u32 hash = hash_name(name, len);
	struct tmpfs_entry *e;

	if (!d->buckets)
		return NULL;
	list_for_each(e, bucket(d, hash), link)
		if (e->hash == hash && e->len == len &&
		    !memcmp(e->name, name, len))
			return e;
	return NULL;
}

int tmpfs_dir_add(struct tmpfs_dir *d, const char *name, size_t len,
		  struct inode *inode)
{
	struct tmpfs_entry *e;
	int err;

	if (d->count >= d->bucket_count) {
		err = rehash(d);
		if (err)
			return err;
	}
	e = kmalloc(sizeof(*e) + len, ALLOC_WAIT);
	if (!e)
		return -ENOMEM;
	e->cookie = d->next_cookie;
	e->hash = hash_name(name, len);
	e->len = (u16)len;
	e->inode = inode;
	memcpy(e->name, name, len);
	err = radix_insert(&d->entries, e->cookie, e);
	if (err) {
		kfree(e);
		return err;
	}
	d->next_cookie++;
	d->count++;
	list_push(bucket(d, e->hash), &e->link);
	return 0;
}

void tmpfs_dir_remove(struct tmpfs_dir *d, struct tmpfs_entry *e)
{
	radix_remove(&d->entries, e->cookie);
	list_del(&e->link);
	d->count--;
	kfree(e);
}

struct tmpfs_entry *tmpfs_dir_next(const struct tmpfs_dir *d, u64 cookie)
{
	return radix_next(&d->entries, &cookie);
}
