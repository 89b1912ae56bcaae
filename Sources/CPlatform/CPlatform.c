#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "CPlatform.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

int artifact_pipe(int *ends) {
#ifdef __APPLE__ /* untested */
  if (pipe(ends) != 0) return -1;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return 0;
#else
  return pipe2(ends, O_CLOEXEC);
#endif
}

int artifact_temporary_file(char *name) { return mkostemp(name, O_CLOEXEC); }

int artifact_spawn_in(void *actions, const char *folder) { return posix_spawn_file_actions_addchdir_np(actions, folder); }

int artifact_spawn_with_three_streams(void *actions, short *flags) {
#ifdef __APPLE__ /* untested */
  (void)actions;
  *flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
  return 0;
#else
  (void)flags;
  return posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
#endif
}

static long artifact_limit(int resource) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return -1;
  return (long)limit.rlim_cur;
}

long artifact_raise_open_files(long wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return -1;
  if ((long)limit.rlim_cur < wanted && limit.rlim_cur < limit.rlim_max) {
    rlim_t highest = limit.rlim_max;
    limit.rlim_cur = highest == RLIM_INFINITY || highest > (rlim_t)wanted ? (rlim_t)wanted : highest;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  return artifact_limit(RLIMIT_NOFILE);
}

long artifact_limit_of_addresses(void) { return artifact_limit(RLIMIT_AS); }

long artifact_limit_of_processes(void) { return artifact_limit(RLIMIT_NPROC); }

void artifact_limit_child(int child, unsigned long long addresses) {
#ifdef __linux__
  struct rlimit limit = {addresses, addresses};
  prlimit(child, RLIMIT_AS, &limit, NULL);
  struct rlimit none = {0, 0};
  prlimit(child, RLIMIT_CORE, &none, NULL);
  /* Only for a child that outlives us, because SIGKILL ended us: nobody measures its time then. */
  struct rlimit seconds = {120, 120};
  prlimit(child, RLIMIT_CPU, &seconds, NULL);
#else /* No other system bounds a process from outside. */
  (void)child;
  (void)addresses;
#endif
}
