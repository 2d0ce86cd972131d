/*
 * The dentry cache: names in memory, hashed by parent and name.
 *
 * A child holds a reference on its parent.  What nobody uses stays on a list,
 * oldest first, until memory is short or there are too many; whether an entry
 * of the list is in use again is only looked at then, so that taking and
 * dropping a reference rarely touches the list.
 */
#include "private.h"
#include "refs.h"

spinlock_t vfs_tree_lock = SPINLOCK_INIT;

static struct list *buckets __ro_after_init;
static u32 bucket_mask __ro_after_init;
static struct list lru = LIST_INIT(lru); /* vfs_tree_lock */
static size_t lru_count;                 /* vfs_tree_lock */
static size_t lru_max __ro_after_init;

#define SHRINK_BATCH 32

u32 name_hash(const struct dentry *dir, const char *name, size_t len)
{
	/* FNV-1a, with the parent's address for a start. */
	u64 h = 0xcbf29ce484222325ull ^ ((u64)(uintptr_t)dir >> 6);

	for (size_t i = 0; i < len; i++)
		h = (h ^ (u8)name[i]) * 0x100000001b3ull;
	return (u32)(h ^ h >> 32);
}

static struct list *bucket(u32 hash)
{
	return &buckets[hash & bucket_mask];
}

struct dentry *dcache_find(const struct dentry *dir, const char *name,
			   size_t len)
{
	u32 hash = name_hash(dir, name, len);
	struct list *b = bucket(hash);
	struct dentry *d;

	list_for_each(d, b, hash_link)
		if (d->hash == hash && d->parent == dir && d->len == len &&
		    !memcmp(d->name, name, len))
			return d;
	return NULL;
}

static void hash_in(struct dentry *d)
{
	d->hash = name_hash(d->parent, d->name, d->len);
	d->flags |= DENTRY_HASHED;
	list_push(bucket(d->hash), &d->hash_link);
}

static void hash_out(struct dentry *d)
{
	d->flags &= ~DENTRY_HASHED;
	list_del(&d->hash_link);
}

static void lru_out(struct dentry *d)
{
	if (d->flags & DENTRY_LRU) {
		d->flags &= ~DENTRY_LRU;
		list_del(&d->lru);
		lru_count--;
	}
}

struct dentry *dentry_alloc(struct superblock *sb, struct dentry *parent,
			    const char *name, size_t len)
{
	struct dentry *d = kzalloc(sizeof(*d), ALLOC_WAIT);
	char *copy;

	if (!d)
		return NULL;
	copy = d->inline_name;
	if (len >= sizeof(d->inline_name)) {
		copy = kmalloc(len + 1, ALLOC_WAIT);
		if (!copy) {
			kfree(d);
			return NULL;
		}
	}
	memcpy(copy, name, len);
	copy[len] = '\0';
	d->name = copy;
	d->len = len;
	d->refs = 1;
	d->sb = sb;
	d->parent = d;
	list_init(&d->hash_link);
	list_init(&d->lru);
	list_init(&d->children);
	list_init(&d->sibling);
	if (parent) {
		dentry_get(parent);
		d->parent = parent;
		spin_lock(&vfs_tree_lock);
		list_push(&parent->children, &d->sibling);
		spin_unlock(&vfs_tree_lock);
	}
	return d;
}

void dentry_get(struct dentry *d)
{
	ref_get_cached(&d->refs);
}

/* Take d, with refs 0, out of all lists; vfs_tree_lock held. */
static void detach(struct dentry *d)
{
	if (d->flags & DENTRY_HASHED)
		hash_out(d);
	lru_out(d);
	list_del(&d->sibling);
}

/* Free d, which is in no list any more; its parent still has to be put. */
static struct dentry *destroy(struct dentry *d)
{
	struct dentry *parent = d->parent != d ? d->parent : NULL;

	inode_put(d->inode);
	if (d->name != d->inline_name)
		kfree((void *)d->name);
	kfree(d);
	return parent;
}

static bool worth_keeping(const struct dentry *d)
{
	return (d->flags & DENTRY_HASHED) && !d->sb->ops->no_dcache;
}

static size_t dcache_shrink(size_t n);

void dentry_put(struct dentry *d)
{
	while (d && !ref_put_unless_last(&d->refs)) {
		bool crowded;

		spin_lock(&vfs_tree_lock);
		if (!ref_put(&d->refs)) {
			spin_unlock(&vfs_tree_lock);
			return;
		}
		if (worth_keeping(d)) {
			d->flags |= DENTRY_REFERENCED;
			if (!(d->flags & DENTRY_LRU)) {
				d->flags |= DENTRY_LRU;
				list_append(&lru, &d->lru);
				lru_count++;
			}
			crowded = lru_count > lru_max;
			spin_unlock(&vfs_tree_lock);
			if (crowded)
				dcache_shrink(SHRINK_BATCH);
			return;
		}
		detach(d);
		spin_unlock(&vfs_tree_lock);
		d = destroy(d);
	}
}

struct inode *dentry_inode_get(struct dentry *d)
{
	struct inode *inode;

	spin_lock(&vfs_tree_lock);
	inode = d->inode;
	if (inode)
		inode_get(inode);
	spin_unlock(&vfs_tree_lock);
	return inode;
}

void dentry_instantiate(struct dentry *d, struct inode *inode)
{
	spin_lock(&vfs_tree_lock);
	assert(!d->inode);
	d->inode = inode;
	spin_unlock(&vfs_tree_lock);
}

int root_make(struct superblock *sb, struct inode *inode)
{
	struct dentry *d;

	if (!inode)
		return -ENOMEM;
	d = dentry_alloc(sb, NULL, "/", 1);
	if (!d) {
		inode_put(inode);
		return -ENOMEM;
	}
	d->inode = inode;
	sb->root = d;
	return 0;
}

/* The cached child with a reference, if the name still holds; lock held. */
static struct dentry *find_valid(struct dentry *dir, const char *name,
				 size_t len)
{
	struct dentry *d = dcache_find(dir, name, len);

	if (d && !dentry_valid(d)) {
		hash_out(d);
		d = NULL;
	}
	if (d)
		dentry_get(d);
	return d;
}

struct dentry *dentry_lookup(struct dentry *dir, const char *name, size_t len)
{
	struct inode *inode = dir->inode;
	struct dentry *d;
	int err;

	spin_lock(&vfs_tree_lock);
	d = find_valid(dir, name, len);
	spin_unlock(&vfs_tree_lock);
	if (d)
		return d;
	if (inode_is_dead(inode))
		return ERR_PTR(-ENOENT);
	if (!inode->ops->lookup)
		return ERR_PTR(-ENOTDIR);
	d = dentry_alloc(dir->sb, dir, name, len);
	if (!d)
		return ERR_PTR(-ENOMEM);
	err = inode->ops->lookup(inode, d);
	if (err) {
		dentry_put(d);
		return ERR_PTR(err);
	}
	spin_lock(&vfs_tree_lock);
	hash_in(d);
	spin_unlock(&vfs_tree_lock);
	return d;
}

void dentry_drop(struct dentry *d)
{
	spin_lock(&vfs_tree_lock);
	if (d->flags & DENTRY_HASHED)
		hash_out(d);
	spin_unlock(&vfs_tree_lock);
	dentry_prune(d);
}

bool dentry_is_ancestor(const struct dentry *a, const struct dentry *d)
{
	for (;; d = d->parent) {
		if (a == d)
			return true;
		if (d->parent == d)
			return false;
	}
}

/* Somebody has freed what it had collected. */
static struct waitq destroyed = WAITQ_INIT(destroyed);

/* Free what has been collected, up to its topmost ancestor in use. */
static size_t destroy_all(struct list *dead)
{
	size_t n = 0;

	while (!list_empty(dead)) {
		struct dentry *d = list_first(dead, struct dentry, lru);

		list_del(&d->lru);
		dentry_put(destroy(d));
		n++;
	}
	if (n)
		waitq_wake_all(&destroyed);
	return n;
}

/* Move d, unused, to the list of the dead; lock held. */
static void collect(struct dentry *d, struct list *dead)
{
	detach(d);
	list_append(dead, &d->lru);
}

/*
 * Free about n unused ones, those first that have not been used for longest;
 * returns how many.
 */
static size_t dcache_shrink(size_t n)
{
	struct list dead = LIST_INIT(dead);
	size_t freed = 0, looks;

	spin_lock(&vfs_tree_lock);
	looks = MIN(lru_count, 2 * n);
	while (freed < n && looks-- && !list_empty(&lru)) {
		struct dentry *d = list_first(&lru, struct dentry, lru);

		if (__atomic_load_n(&d->refs, __ATOMIC_ACQUIRE)) {
			lru_out(d);
		} else if (d->flags & DENTRY_REFERENCED) {
			d->flags &= ~DENTRY_REFERENCED;
			list_del(&d->lru);
			list_append(&lru, &d->lru);
		} else {
			collect(d, &dead);
			freed++;
		}
	}
	spin_unlock(&vfs_tree_lock);
	destroy_all(&dead);
	return freed;
}

/* The one after d in a walk of all that is below top; lock held. */
static struct dentry *next_below(struct dentry *top, struct dentry *d)
{
	if (!list_empty(&d->children))
		return list_first(&d->children, struct dentry, sibling);
	while (d != top) {
		struct dentry *parent = d->parent;

		if (d->sibling.next != &parent->children)
			return list_first(&d->sibling, struct dentry, sibling);
		d = parent;
	}
	return NULL;
}

void dentry_prune(struct dentry *top)
{
	struct list dead = LIST_INIT(dead);

	do {
		struct dentry *d, *next;
		unsigned n = 0;

		spin_lock(&vfs_tree_lock);
		for (d = next_below(top, top); d && n < SHRINK_BATCH;
		     d = next) {
			next = next_below(top, d);
			/* Unused, so it has no children. */
			if (!__atomic_load_n(&d->refs, __ATOMIC_ACQUIRE)) {
				collect(d, &dead);
				n++;
			}
		}
		spin_unlock(&vfs_tree_lock);
	} while (destroy_all(&dead));
}

void root_destroy(struct dentry *root)
{
	dentry_prune(root);
	/*
	 * Nobody uses the file system, but another thread may be about to free names
	 * and inodes of it because memory is short.  Each leads to the root.
	 */
	wait_event(&destroyed,
		   __atomic_load_n(&root->refs, __ATOMIC_ACQUIRE) == 1);
	dentry_put(root);
}

/* Give d another parent and name; lock held.  Returns the reference to drop. */
static void rename_to(struct dentry *d, struct dentry *parent)
{
	list_del(&d->sibling);
	d->parent = parent;
	list_push(&parent->children, &d->sibling);
}

/* Exchange two names; lock held. */
static void swap_names(struct dentry *a, struct dentry *b)
{
	bool a_inline = a->name == a->inline_name;
	bool b_inline = b->name == b->inline_name;
	const char *name = a->name;
	char text[sizeof(a->inline_name)];
	u16 len = a->len;

	memcpy(text, a->inline_name, sizeof(text));
	memcpy(a->inline_name, b->inline_name, sizeof(text));
	memcpy(b->inline_name, text, sizeof(text));
	a->name = b_inline ? a->inline_name : b->name;
	b->name = a_inline ? b->inline_name : name;
	a->len = b->len;
	b->len = len;
}

/* Both change places; the references on the parents change hands with them. */
static void swap_places(struct dentry *a, struct dentry *b)
{
	struct dentry *parent = a->parent;

	if (a->flags & DENTRY_HASHED)
		hash_out(a);
	if (b->flags & DENTRY_HASHED)
		hash_out(b);
	swap_names(a, b);
	rename_to(a, b->parent);
	rename_to(b, parent);
}

void dentry_move(struct dentry *from, struct dentry *to)
{
	spin_lock(&vfs_tree_lock);
	swap_places(from, to);
	hash_in(from);
	spin_unlock(&vfs_tree_lock);
	dentry_prune(to);
}

void dentry_exchange(struct dentry *a, struct dentry *b)
{
	spin_lock(&vfs_tree_lock);
	swap_places(a, b);
	hash_in(a);
	hash_in(b);
	spin_unlock(&vfs_tree_lock);
}

static size_t shrink(size_t pages)
{
	size_t per_page = PAGE_SIZE / sizeof(struct dentry);

	return dcache_shrink(pages * per_page) / per_page;
}

void dcache_init(void)
{
	static struct shrinker s = {.shrink = shrink, .name = "dentries"};
	struct memory_stats m;
	size_t n = 64;

	/*
	 * A bucket for every 16 pages of memory, and as many names that nobody
	 * uses: a third of a percent of it.
	 */
	memory_stats(&m);
	while (n < 65536 && n * 16 < m.total)
		n *= 2;
	buckets = kmalloc(n * sizeof(*buckets), ALLOC_WAIT);
	if (!buckets)
		panic("no memory for the name cache");
	for (size_t i = 0; i < n; i++)
		list_init(&buckets[i]);
	bucket_mask = n - 1;
	lru_max = MAX(m.total / 16, (u64)128);
	shrinker_register(&s);
}
