#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "CPlatform.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
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
