/* What can be done with guests that run, or ran. */
#ifndef RUMPRUN_COMMANDS_H
#define RUMPRUN_COMMANDS_H

/* Each takes its own arguments, argv[0] being its name; returns our status. */
int command_ps(int argc, char **argv);
int command_logs(int argc, char **argv);
int command_stop(int argc, char **argv);

#endif
