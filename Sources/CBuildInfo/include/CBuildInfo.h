// SPDX-License-Identifier: Apache-2.0
#ifndef ARTIFACTGEN_BUILD_INFO_H
#define ARTIFACTGEN_BUILD_INFO_H

// What was built: constants that Package.swift hands over as -D definitions. Functions, because a
// pointer in a global variable is not a constant to Swift.

// The version without a leading v, such as 0.1.0.
const char *_Nonnull artifactgen_build_version(void);
// The abbreviated commit, or "unknown".
const char *_Nonnull artifactgen_build_commit(void);
// The date of that commit as YYYY-MM-DD, or "unknown".
const char *_Nonnull artifactgen_build_date(void);

#endif
