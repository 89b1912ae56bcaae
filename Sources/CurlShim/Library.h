// SPDX-License-Identifier: Apache-2.0

#ifndef ARTIFACT_CURL_LIBRARY_H
#define ARTIFACT_CURL_LIBRARY_H

/// A function of libcurl or of a library that it depends on; NULL when there is none or libcurl is not loaded.
void *artifact_curl_symbol(const char *name);

#endif
