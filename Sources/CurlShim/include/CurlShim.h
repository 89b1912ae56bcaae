// SPDX-License-Identifier: Apache-2.0
//
// What Swift cannot call in libcurl (variadic functions), and libcurl loaded on first use.
//
// Linking libcurl pulls some thirty shared libraries into every start, also for `--help` and for commands that never connect, and
// couples the binary to Debian's symbol versions. So the library is opened when the first request is made. The types in
// CurlShim.c come from the real headers, so that a wrong call still fails to compile there.
//
// Handles are opaque, option numbers and codes are plain integers: the constants come from the module CCurl.

#ifndef ARTIFACT_CURL_SHIM_H
#define ARTIFACT_CURL_SHIM_H

#include <stddef.h>
#include <stdint.h>

/// Opens libcurl and initialises it, once, from any thread. NULL when it is usable, otherwise why it is not.
const char *_Nullable artifact_curl_load(void);

/// The version text of libcurl and of its TLS library, for messages. Only after a successful load.
const char *_Nonnull artifact_curl_version(void);
const char *_Nonnull artifact_curl_tls_version(void);
/// The version of libcurl as 0xMMmmpp.
unsigned artifact_curl_version_number(void);

void *_Nullable artifact_curl_easy_new(void);
void artifact_curl_easy_free(void *_Nonnull easy);
/// Over the connection of a handle that was made with CURLOPT_CONNECT_ONLY, as long as it is in its multi handle.
int artifact_curl_easy_send(void *_Nonnull easy, const void *_Nonnull bytes, size_t count, size_t *_Nonnull sent);
/// OK with 0 bytes at the end of what the peer sends.
int artifact_curl_easy_receive(void *_Nonnull easy, void *_Nonnull space, size_t count, size_t *_Nonnull received);
int artifact_curl_easy_pause(void *_Nonnull easy, int bits);
const char *_Nonnull artifact_curl_easy_text(int code);

int artifact_curl_set_long(void *_Nonnull easy, int option, long value);
int artifact_curl_set_offset(void *_Nonnull easy, int option, int64_t value);
int artifact_curl_set_string(void *_Nonnull easy, int option, const char *_Nullable value);
int artifact_curl_set_pointer(void *_Nonnull easy, int option, void *_Nullable value);
/// The bytes are copied by libcurl.
int artifact_curl_set_blob(void *_Nonnull easy, int option, const void *_Nonnull bytes, size_t count);

/// The shape of libcurl's read, write and header callbacks.
typedef size_t (*artifact_curl_data_callback)(char *_Nonnull bytes, size_t size, size_t count, void *_Nullable context);
int artifact_curl_set_data_callback(void *_Nonnull easy, int option, artifact_curl_data_callback _Nonnull callback);
/// The callback is called for each new socket, before it connects.
typedef int (*artifact_curl_socket_callback)(void *_Nullable context, int descriptor, int purpose);
int artifact_curl_set_socket_callback(void *_Nonnull easy, artifact_curl_socket_callback _Nonnull callback);

int artifact_curl_get_long(void *_Nonnull easy, int info, long *_Nonnull value);
int artifact_curl_get_offset(void *_Nonnull easy, int info, int64_t *_Nonnull value);
/// The socket of a connected handle; -1 when there is none.
int artifact_curl_get_socket(void *_Nonnull easy, int *_Nonnull descriptor);
int artifact_curl_get_pointer(void *_Nonnull easy, int info, void *_Nullable *_Nonnull value);
/// The lines of "Name:value" about the server's own certificate, joined by newlines. Free with free(3). NULL when there are none.
char *_Nullable artifact_curl_copy_certificate(void *_Nonnull easy);

void *_Nullable artifact_curl_list_append(void *_Nullable list, const char *_Nonnull line);
void artifact_curl_list_free(void *_Nullable list);

void *_Nullable artifact_curl_multi_new(void);
void artifact_curl_multi_free(void *_Nonnull multi);
int artifact_curl_multi_set_long(void *_Nonnull multi, int option, long value);
int artifact_curl_multi_add(void *_Nonnull multi, void *_Nonnull easy);
int artifact_curl_multi_remove(void *_Nonnull multi, void *_Nonnull easy);
int artifact_curl_multi_perform(void *_Nonnull multi, int *_Nonnull running);
/// Waits for activity, also on a descriptor of ours (CURL_WAIT_POLL…; -1 for none), a wake-up or the time-out.
int artifact_curl_multi_poll(void *_Nonnull multi, int descriptor, short events, int milliseconds);
/// The only function here that may be called from any thread at any time.
int artifact_curl_multi_wakeup(void *_Nonnull multi);
/// The next transfer that ended; NULL when there is none. `code` is its CURLcode.
void *_Nullable artifact_curl_multi_next_done(void *_Nonnull multi, int *_Nonnull code);

// MARK: - TLS (TLS.c): what libcurl's TLS library is asked directly

/// Whether the functions below can be used: libcurl is loaded and uses OpenSSL.
int artifact_tls_is_usable(void);

/// Makes connections of this handle refuse server certificates without a DNS or IP subject alternative name.
///
/// libcurl falls back to the Common Name; Go does not, and neither do browsers. The check happens in the handshake: nothing of
/// the request is sent. A refusal shows as verify result ARTIFACT_TLS_NO_SUBJECT_NAME.
int artifact_tls_require_subject_names(void *_Nonnull easy);

/// Why the last certificate was refused on this thread (X509_V_ERR_…), once; 0 when none was.
///
/// Inside of a connection to an https proxy libcurl loses the reason and reports a broken connection.
int artifact_tls_take_refusal(void);

/// X509_V_ERR_APPLICATION_VERIFICATION
#define ARTIFACT_TLS_NO_SUBJECT_NAME 50

enum artifact_tls_pair {
  artifact_tls_pair_fits = 0,
  artifact_tls_pair_bad_certificate,
  artifact_tls_pair_bad_key,
  artifact_tls_pair_mismatch,
};

/// Whether a PEM certificate and a PEM private key belong together. Never asks for a password: an encrypted key is a bad one.
enum artifact_tls_pair artifact_tls_check_pair(const void *_Nonnull certificate, size_t certificate_count,
                                               const void *_Nonnull key, size_t key_count);

#endif
