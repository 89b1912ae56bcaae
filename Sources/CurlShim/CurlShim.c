// SPDX-License-Identifier: Apache-2.0

#include "CurlShim.h"
#include "Library.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// One list of what is used: each entry becomes a typed pointer and a symbol to look up.
#define FUNCTIONS(X)                                                                                                          \
  X(curl_global_init)                                                                                                         \
  X(curl_version_info)                                                                                                        \
  X(curl_easy_init)                                                                                                           \
  X(curl_easy_cleanup)                                                                                                        \
  X(curl_easy_send)                                                                                                           \
  X(curl_easy_recv)                                                                                                           \
  X(curl_easy_pause)                                                                                                          \
  X(curl_easy_strerror)                                                                                                       \
  X(curl_easy_setopt)                                                                                                         \
  X(curl_easy_getinfo)                                                                                                        \
  X(curl_slist_append)                                                                                                        \
  X(curl_slist_free_all)                                                                                                      \
  X(curl_multi_init)                                                                                                          \
  X(curl_multi_cleanup)                                                                                                       \
  X(curl_multi_setopt)                                                                                                        \
  X(curl_multi_add_handle)                                                                                                    \
  X(curl_multi_remove_handle)                                                                                                 \
  X(curl_multi_perform)                                                                                                       \
  X(curl_multi_poll)                                                                                                          \
  X(curl_multi_wakeup)                                                                                                        \
  X(curl_multi_info_read)

#define DECLARE(name) static __typeof__(name) *real_##name;
FUNCTIONS(DECLARE)

/* The one name of a file that depends on the system and is not in Platform: C cannot ask it. */
#ifdef __APPLE__
static const char name_of_library[] = "libcurl.4.dylib"; /* untested */
#else
static const char name_of_library[] = "libcurl.so.4";
#endif
static void *library;
static char problem[256];
static const curl_version_info_data *version;

void *artifact_curl_symbol(const char *name) { return library ? dlsym(library, name) : NULL; }

static void load(void) {
  library = dlopen(name_of_library, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *why = dlerror();
    snprintf(problem, sizeof problem, "%s", why ? why : "libcurl cannot be loaded");
    return;
  }
#define LOOK_UP(name)                                                                                                         \
  if (!(real_##name = (__typeof__(name) *)dlsym(library, #name))) {                                                           \
    snprintf(problem, sizeof problem, "libcurl is too old: %s is missing", #name);                                            \
    return;                                                                                                                   \
  }
  FUNCTIONS(LOOK_UP)
  if (real_curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    snprintf(problem, sizeof problem, "libcurl cannot be initialised");
    return;
  }
  version = real_curl_version_info(CURLVERSION_NOW);
}

const char *artifact_curl_load(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return problem[0] ? problem : NULL;
}

const char *artifact_curl_version(void) { return version ? version->version : ""; }
const char *artifact_curl_tls_version(void) { return version && version->ssl_version ? version->ssl_version : ""; }

unsigned artifact_curl_version_number(void) { return version ? version->version_num : 0; }

int artifact_curl_easy_send(void *easy, const void *bytes, size_t count, size_t *sent) {
  return (int)real_curl_easy_send(easy, bytes, count, sent);
}
int artifact_curl_easy_receive(void *easy, void *space, size_t count, size_t *received) {
  return (int)real_curl_easy_recv(easy, space, count, received);
}
void *artifact_curl_easy_new(void) { return real_curl_easy_init(); }
void artifact_curl_easy_free(void *easy) { real_curl_easy_cleanup(easy); }
int artifact_curl_easy_pause(void *easy, int bits) { return (int)real_curl_easy_pause(easy, bits); }
const char *artifact_curl_easy_text(int code) { return real_curl_easy_strerror((CURLcode)code); }

#define SET(easy, option, value) ((int)real_curl_easy_setopt((easy), (CURLoption)(option), (value)))
int artifact_curl_set_long(void *easy, int option, long value) { return SET(easy, option, value); }
int artifact_curl_set_offset(void *easy, int option, int64_t value) { return SET(easy, option, (curl_off_t)value); }
int artifact_curl_set_string(void *easy, int option, const char *value) { return SET(easy, option, value); }
int artifact_curl_set_pointer(void *easy, int option, void *value) { return SET(easy, option, value); }
int artifact_curl_set_blob(void *easy, int option, const void *bytes, size_t count) {
  struct curl_blob blob = {.data = (void *)bytes, .len = count, .flags = CURL_BLOB_COPY};
  return SET(easy, option, &blob);
}
int artifact_curl_set_data_callback(void *easy, int option, artifact_curl_data_callback callback) {
  return SET(easy, option, callback);
}
int artifact_curl_set_socket_callback(void *easy, artifact_curl_socket_callback callback) {
  return SET(easy, CURLOPT_SOCKOPTFUNCTION, callback);
}

#define GET(easy, info, value) ((int)real_curl_easy_getinfo((easy), (CURLINFO)(info), (value)))
int artifact_curl_get_long(void *easy, int info, long *value) { return GET(easy, info, value); }
int artifact_curl_get_offset(void *easy, int info, int64_t *value) {
  curl_off_t offset = 0;
  int code = GET(easy, info, &offset);
  *value = offset;
  return code;
}
int artifact_curl_get_socket(void *easy, int *descriptor) {
  curl_socket_t socket = CURL_SOCKET_BAD;
  int code = GET(easy, CURLINFO_ACTIVESOCKET, &socket);
  *descriptor = socket;
  return code;
}
int artifact_curl_get_pointer(void *easy, int info, void **value) { return GET(easy, info, value); }

char *artifact_curl_copy_certificate(void *easy) {
  struct curl_certinfo *chain = NULL;
  if (GET(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain || chain->num_of_certs < 1) return NULL;
  size_t size = 1;
  for (struct curl_slist *line = chain->certinfo[0]; line; line = line->next) size += strlen(line->data) + 1;
  char *text = malloc(size), *end = text;
  if (!text) return NULL;
  for (struct curl_slist *line = chain->certinfo[0]; line; line = line->next) end += sprintf(end, "%s\n", line->data);
  *end = 0;
  return text;
}

void *artifact_curl_list_append(void *list, const char *line) { return real_curl_slist_append(list, line); }
void artifact_curl_list_free(void *list) { real_curl_slist_free_all(list); }

void *artifact_curl_multi_new(void) { return real_curl_multi_init(); }
void artifact_curl_multi_free(void *multi) { real_curl_multi_cleanup(multi); }
int artifact_curl_multi_set_long(void *multi, int option, long value) {
  return (int)real_curl_multi_setopt(multi, (CURLMoption)option, value);
}
int artifact_curl_multi_add(void *multi, void *easy) { return (int)real_curl_multi_add_handle(multi, easy); }
int artifact_curl_multi_remove(void *multi, void *easy) { return (int)real_curl_multi_remove_handle(multi, easy); }
int artifact_curl_multi_perform(void *multi, int *running) { return (int)real_curl_multi_perform(multi, running); }
int artifact_curl_multi_poll(void *multi, int descriptor, short events, int milliseconds) {
  struct curl_waitfd wait = {.fd = descriptor, .events = events};
  return (int)real_curl_multi_poll(multi, &wait, descriptor >= 0, milliseconds, NULL);
}
int artifact_curl_multi_wakeup(void *multi) { return (int)real_curl_multi_wakeup(multi); }
void *artifact_curl_multi_next_done(void *multi, int *code) {
  int left = 0;
  for (CURLMsg *message; (message = real_curl_multi_info_read(multi, &left));) {
    if (message->msg == CURLMSG_DONE) {
      *code = (int)message->data.result;
      return message->easy_handle;
    }
  }
  return NULL;
}
