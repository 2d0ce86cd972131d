#include <stdio.h>
#include <string.h>
#include <zlib.h>

#define SIZE 300000

static unsigned char in[SIZE], packed[SIZE + 1000], out[SIZE];

int main(void)
{
	for (int level = 0; level <= 9; level += 3) {
		uLongf packed_len = sizeof(packed), out_len = sizeof(out);

		for (int i = 0; i < SIZE; i++)
			in[i] = i % 251 * (i >> 12);
		if (compress2(packed, &packed_len, in, SIZE, level) != Z_OK ||
		    uncompress(out, &out_len, packed, packed_len) != Z_OK)
			return 1;
		printf("level %d: %lu bytes, crc %08lx, %s\n", level, packed_len,
		       crc32(0, packed, packed_len),
		       out_len == SIZE && !memcmp(in, out, SIZE) ? "same" :
								   "lost");
	}
	return 0;
}
