// SPDX-License-Identifier: Apache-2.0
//
// OpenSSL is reached through libcurl's own dependency, so that there is exactly one copy in the process and none is linked.
// Only functions of its stable public interface are used, on pointers that stay opaque: no OpenSSL header is needed.

#include "CurlShim.h"
#include "Library.h"

#include <curl/curl.h>
#include <pthread.h>
#include <string.h>

enum { subject_alt_name_nid = 85, name_is_dns = 2, name_is_ip = 7 };

typedef int (*verify_callback)(int, void *);
typedef int (*password_callback)(char *, int, int, void *);

static struct {
  int (*SSL_CTX_get_verify_mode)(const void *);
  void (*SSL_CTX_set_verify)(void *, int, verify_callback);
  int (*X509_STORE_CTX_get_error)(const void *);
  int (*X509_STORE_CTX_get_error_depth)(const void *);
  void *(*X509_STORE_CTX_get_current_cert)(const void *);
  void (*X509_STORE_CTX_set_error)(void *, int);
  void *(*X509_get_ext_d2i)(const void *, int, int *, int *);
  int (*OPENSSL_sk_num)(const void *);
  void *(*OPENSSL_sk_value)(const void *, int);
  void *(*GENERAL_NAME_get0_value)(const void *, int *);
  void (*GENERAL_NAMES_free)(void *);
  void *(*BIO_new_mem_buf)(const void *, int);
  int (*BIO_free)(void *);
  void *(*PEM_read_bio_X509)(void *, void **, password_callback, void *);
  void *(*PEM_read_bio_PrivateKey)(void *, void **, password_callback, void *);
  int (*X509_check_private_key)(const void *, const void *);
  void (*X509_free)(void *);
  void (*EVP_PKEY_free)(void *);
  void (*ERR_clear_error)(void);
} openssl;

static int usable;

static void look_up(void) {
  if (artifact_curl_load() || strncmp(artifact_curl_tls_version(), "OpenSSL/", 8) != 0) return;
#define LOOK_UP(name) if (!(openssl.name = artifact_curl_symbol(#name))) return
  LOOK_UP(SSL_CTX_get_verify_mode);
  LOOK_UP(SSL_CTX_set_verify);
  LOOK_UP(X509_STORE_CTX_get_error);
  LOOK_UP(X509_STORE_CTX_get_error_depth);
  LOOK_UP(X509_STORE_CTX_get_current_cert);
  LOOK_UP(X509_STORE_CTX_set_error);
  LOOK_UP(X509_get_ext_d2i);
  LOOK_UP(OPENSSL_sk_num);
  LOOK_UP(OPENSSL_sk_value);
  LOOK_UP(GENERAL_NAME_get0_value);
  LOOK_UP(GENERAL_NAMES_free);
  LOOK_UP(BIO_new_mem_buf);
  LOOK_UP(BIO_free);
  LOOK_UP(PEM_read_bio_X509);
  LOOK_UP(PEM_read_bio_PrivateKey);
  LOOK_UP(X509_check_private_key);
  LOOK_UP(X509_free);
  LOOK_UP(EVP_PKEY_free);
  LOOK_UP(ERR_clear_error);
  usable = 1;
}

int artifact_tls_is_usable(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, look_up);
  return usable;
}

static int has_subject_names(void *certificate) {
  void *names = openssl.X509_get_ext_d2i(certificate, subject_alt_name_nid, NULL, NULL);
  if (!names) return 0;
  int found = 0;
  for (int i = 0, count = openssl.OPENSSL_sk_num(names); i < count && !found; i++) {
    int kind = -1;
    openssl.GENERAL_NAME_get0_value(openssl.OPENSSL_sk_value(names, i), &kind);
    found = kind == name_is_dns || kind == name_is_ip;
  }
  openssl.GENERAL_NAMES_free(names);
  return found;
}

static __thread int last_refusal;

int artifact_tls_take_refusal(void) {
  int result = last_refusal;
  last_refusal = 0;
  return result;
}

static int verify(int good, void *store) {
  if (good && openssl.X509_STORE_CTX_get_error_depth(store) == 0) {
    void *certificate = openssl.X509_STORE_CTX_get_current_cert(store);
    good = certificate && has_subject_names(certificate);
    if (!good) openssl.X509_STORE_CTX_set_error(store, ARTIFACT_TLS_NO_SUBJECT_NAME);
  }
  if (!good) last_refusal = openssl.X509_STORE_CTX_get_error(store);
  return good;
}

static CURLcode install(CURL *easy, void *context, void *unused) {
  (void)easy;
  (void)unused;
  int mode = openssl.SSL_CTX_get_verify_mode(context);
  if (mode != 0) openssl.SSL_CTX_set_verify(context, mode, verify);
  return CURLE_OK;
}

int artifact_tls_require_subject_names(void *easy) {
  if (!artifact_tls_is_usable()) return (int)CURLE_NOT_BUILT_IN;
  return artifact_curl_set_pointer(easy, CURLOPT_SSL_CTX_FUNCTION, (void *)install);
}

static int no_password(char *buffer, int size, int writing, void *context) {
  (void)buffer, (void)size, (void)writing, (void)context;
  return -1;
}

enum artifact_tls_pair artifact_tls_check_pair(const void *certificate, size_t certificate_count, const void *key,
                                               size_t key_count) {
  enum artifact_tls_pair result = artifact_tls_pair_bad_certificate;
  void *certificate_bytes = openssl.BIO_new_mem_buf(certificate, (int)certificate_count);
  void *key_bytes = openssl.BIO_new_mem_buf(key, (int)key_count);
  void *x509 = NULL, *private_key = NULL;
  if (certificate_bytes && key_bytes) {
    x509 = openssl.PEM_read_bio_X509(certificate_bytes, NULL, no_password, NULL);
    if (x509) {
      private_key = openssl.PEM_read_bio_PrivateKey(key_bytes, NULL, no_password, NULL);
      if (!private_key) {
        result = artifact_tls_pair_bad_key;
      } else {
        result = openssl.X509_check_private_key(x509, private_key) == 1 ? artifact_tls_pair_fits : artifact_tls_pair_mismatch;
      }
    }
  }
  if (private_key) openssl.EVP_PKEY_free(private_key);
  if (x509) openssl.X509_free(x509);
  if (key_bytes) openssl.BIO_free(key_bytes);
  if (certificate_bytes) openssl.BIO_free(certificate_bytes);
  openssl.ERR_clear_error();  // the queue is per thread, and libcurl would report our failure as its own
  return result;
}
