// Only constants are used from here (CURLOPT_…, CURLE_…): libcurl itself is loaded on first use, see CurlShim.
#include <curl/curl.h>
