#include <stdio.h>

#include "lib.h"

int main(void)
{
	printf("the answer is %d\n", answer());
	return 0;
}
