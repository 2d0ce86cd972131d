/*
 * Page frames of the host, for tests of drivers; memory is at its own address.
 */
#ifndef TEST_FRAMES_H
#define TEST_FRAMES_H

#include <stdlib.h>
#include <string.h>
#include "page.h"
#include "platform.h"
#include "random.h"
#include <linux/errno.h>

#define TEST_FRAMES 1024

u64 platform_direct_map;
static u64 test_clock;
static struct page test_frames[TEST_FRAMES];
static void *test_memory[TEST_FRAMES];
static unsigned test_frames_left = TEST_FRAMES;

nsec_t platform_monotonic(void)
{
	return test_clock += 100000;
}

void random_event(u64 data) {}

struct page *page_alloc(unsigned order, unsigned flags)
{
	if (!test_frames_left)
		return NULL;
	for (unsigned i = 0; i < TEST_FRAMES; i++)
		if (!test_memory[i]) {
			test_frames_left--;
			test_memory[i] =
			    aligned_alloc(4096, PAGE_SIZE << order);
			memset(test_memory[i], 0, PAGE_SIZE << order);
			test_frames[i].refs = 1;
			return &test_frames[i];
		}
	return NULL;
}

void page_get(struct page *p)
{
	p->refs++;
}

void page_put(struct page *p)
{
	if (--p->refs)
		return;
	free(test_memory[p - test_frames]);
	test_memory[p - test_frames] = NULL;
	test_frames_left++;
}

void page_free(struct page *p)
{
	page_put(p);
}

paddr_t page_to_phys(const struct page *p)
{
	return (paddr_t)(uintptr_t)test_memory[p - test_frames];
}

struct page *phys_to_page(paddr_t pa)
{
	for (unsigned i = 0; i < TEST_FRAMES; i++)
		if (test_memory[i] && (paddr_t)(uintptr_t)test_memory[i] == pa)
			return &test_frames[i];
	return NULL;
}

#endif
