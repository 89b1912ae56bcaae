// SwiftPM makes `main` another name for the entry point of the executable's own module, so the `main`
// in libFuzzer's archive is never taken and the module would have to have one. Here they are, one for
// each target, and all of them start libFuzzer.
#include "FuzzDriver.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);
int LLVMFuzzerRunDriver(int *, char ***, int (*)(const uint8_t *, size_t));

#define ENTRY_POINT(name)                                                       \
  int name(int count, char **arguments) {                                      \
    return LLVMFuzzerRunDriver(&count, &arguments, LLVMFuzzerTestOneInput);    \
  }

ENTRY_POINT(fuzz_encoder_main)
ENTRY_POINT(fuzz_fetched_main)
ENTRY_POINT(fuzz_generator_main)
ENTRY_POINT(fuzz_git_main)
ENTRY_POINT(fuzz_glob_main)
ENTRY_POINT(fuzz_ignore_main)
ENTRY_POINT(fuzz_json_main)
ENTRY_POINT(fuzz_kubeconfig_main)
ENTRY_POINT(fuzz_layout_main)
ENTRY_POINT(fuzz_tar_main)
ENTRY_POINT(fuzz_websocket_main)
ENTRY_POINT(fuzz_yaml_main)
