#include "layout.h"

#include <dwarf.h>
#include <stddef.h>
#include <string.h>

#include "diag.h"

static const struct {
	const char *type, *field;
	size_t at; /* in struct layout */
} wanted[] = {
	{"cpu", "current", offsetof(struct layout, cpu_current)},
	{"cpu", "idle", offsetof(struct layout, cpu_idle)},
	{"thread", "process", offsetof(struct layout, thread_process)},
	{"thread", "name", offsetof(struct layout, thread_name)},
	{"process", "program", offsetof(struct layout, process_program)},
	{"process", "load_bias", offsetof(struct layout, process_load_bias)},
	{"process", "name", offsetof(struct layout, process_name)},
};
#define WANTED (sizeof(wanted) / sizeof(wanted[0]))

static bool named(Dwarf_Die *die, const char *name)
{
	const char *is = dwarf_diename(die);

	return is != NULL && strcmp(is, name) == 0;
}

/* A field of a structure: its offset; false if it has none of that name. */
static bool field(Dwarf_Die *type, const char *name, Dwarf_Word *offset)
{
	Dwarf_Attribute attr;
	Dwarf_Die die;

	if (dwarf_child(type, &die) != 0)
		return false;
	do {
		if (dwarf_tag(&die) == DW_TAG_member && named(&die, name))
			return dwarf_formudata(
				       dwarf_attr(&die,
						  DW_AT_data_member_location,
						  &attr),
				       offset) == 0;
	} while (dwarf_siblingof(&die, &die) == 0);
	return false;
}

/* What a structure at the top of a compilation unit says of the fields. */
static void look_at(struct layout *l, Dwarf_Die *die, bool *found)
{
	Dwarf_Word offset;

	if (dwarf_tag(die) != DW_TAG_structure_type)
		return;
	for (size_t i = 0; i < WANTED; i++) {
		if (found[i] || !named(die, wanted[i].type) ||
		    !field(die, wanted[i].field, &offset))
			continue;
		memcpy((char *)l + wanted[i].at, &(uint64_t){offset},
		       sizeof(uint64_t));
		found[i] = true;
	}
}

static size_t missing(const bool *found)
{
	size_t i = 0;

	while (i < WANTED && found[i])
		i++;
	return i;
}

bool layout_read(struct layout *l, Dwarf *dwarf, char **why)
{
	bool found[WANTED] = {false};
	Dwarf_CU *cu = NULL;
	Dwarf_Die unit, die;
	size_t i;

	while (missing(found) < WANTED &&
	       dwarf_get_units(dwarf, cu, &cu, NULL, NULL, &unit, NULL) == 0) {
		if (dwarf_child(&unit, &die) != 0)
			continue;
		do {
			look_at(l, &die, found);
		} while (dwarf_siblingof(&die, &die) == 0);
	}
	i = missing(found);
	return i == WANTED ||
	       fail(why,
		    "its debugging information has no struct %s with a "
		    "field %s",
		    wanted[i].type, wanted[i].field);
}
