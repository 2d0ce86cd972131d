/* sources: core/fs/iso9660/volume.c core/fs/iso9660/record.c core/fs/iso9660/name.c core/fs/iso9660/rock.c core/fs/iso9660/entry.c core/kern/lib/utf8.c */
/* flags: -include sys/stat.h */
/*
 * libFuzzer's entry for the ISO 9660 parser; with main.c beside it, a program
 * that takes files (AFL, or one crash again).
 */
#include "../unit/iso9660/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct walk w = {.left = 2000};

	walk_image(&w, data, size);
	return 0;
}
