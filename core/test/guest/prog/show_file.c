/* show_file FILE...: what is in them. */
#include <stdio.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "r");
		int c;

		if (!f) {
			perror(argv[i]);
			return 1;
		}
		while ((c = getc(f)) != EOF)
			putchar(c);
		fclose(f);
	}
	return 0;
}
