import Glibc
import Kubeconfig

/// A kubeconfig of any bytes is loaded or refused with an error, and nothing it names is run.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  // A kubeconfig may name files, and reading some devices never ends.
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard !input.indices.contains(where: { input[$0...].starts(with: "/dev".utf8) }) else { return 0 }
  guard ftruncate(file, 0) == 0, pwrite(file, start, count, 0) == count else { return -1 }
  let loader = KubeconfigLoader(
    environment: ["KUBECONFIG": "/proc/self/fd/\(file)"],
    workingDirectory: "/",
    standardInputIsTerminal: false
  )
  var choice = ConnectionFlags()
  choice.context = "a"
  choice.user = "u"
  for flags in [ConnectionFlags(), choice] {
    do {
      _ = try loader.load(flags)
    } catch {
      precondition(!error.description.isEmpty)
    }
  }
  return 0
}

/// A file without a name: it is gone when the process is.
private let file: CInt = {
  var template = Array("/tmp/fuzz-kubeconfig.XXXXXX".utf8CString)
  let file = mkstemp(&template)
  precondition(file >= 0 && unlink(template) == 0, "there is no /tmp to write to")
  return file
}()
