/* Calls of the system that Swift's import of the C library leaves out, because they are not in POSIX. */
#ifndef CPLATFORM_H
#define CPLATFORM_H

/* Both ends of a pipe, which no other program inherits. */
int artifact_pipe(int *_Nonnull ends);
/* A new file that no other program inherits; fills in the last six characters of its name. */
int artifact_temporary_file(char *_Nonnull name);
/* For posix_spawn: the child works in this folder; it inherits no descriptor but the first three. */
int artifact_spawn_in(void *_Nonnull actions, const char *_Nonnull folder);
int artifact_spawn_with_three_streams(void *_Nonnull actions, short *_Nonnull flags);

/* Limits of the process; -1 where there is none. The first is raised to `wanted`, as far as that is allowed. */
long artifact_raise_open_files(long wanted);
long artifact_limit_of_addresses(void);
long artifact_limit_of_processes(void);
/* Bounds the addresses that a child may have and its seconds on processors, and keeps it from writing a core file; where
   the system can do that. */
void artifact_limit_child(int child, unsigned long long addresses);

#endif
