// SPDX-License-Identifier: Apache-2.0
#include "CBuildInfo.h"

#ifndef ARTIFACTGEN_VERSION
#define ARTIFACTGEN_VERSION "0.0.0"
#endif
#ifndef ARTIFACTGEN_COMMIT
#define ARTIFACTGEN_COMMIT "unknown"
#endif
#ifndef ARTIFACTGEN_DATE
#define ARTIFACTGEN_DATE "unknown"
#endif

const char *artifactgen_build_version(void) { return ARTIFACTGEN_VERSION; }
const char *artifactgen_build_commit(void) { return ARTIFACTGEN_COMMIT; }
const char *artifactgen_build_date(void) { return ARTIFACTGEN_DATE; }
