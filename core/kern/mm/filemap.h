/*
 * What the rest of kern/mm asks of component pagecache, which an image has where a
 * program may map files or share memory.  Without it no vma has a mapping.
 */
#ifndef RR_MM_FILEMAP_H
#define RR_MM_FILEMAP_H

#include "private.h"

__typeof__(mapping_find_page) mapping_find_page __weak;
__typeof__(mapping_get_pages) mapping_get_pages __weak;
__typeof__(mapping_drop) mapping_drop __weak;
__typeof__(mapping_sync) mapping_sync __weak;
__typeof__(page_set_dirty) page_set_dirty __weak;
__typeof__(shared_memory_get) shared_memory_get __weak;
__typeof__(shared_memory_put) shared_memory_put __weak;
__typeof__(mapping_is_shared_memory) mapping_is_shared_memory __weak;
__typeof__(filemap_check) filemap_check __weak;
__typeof__(filemap_attach) filemap_attach __weak;

#endif
