#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  @preconcurrency import Glibc
#endif

/// What the system knows of the process that we are.
package enum ThisProcess {
  /// The command line with the name of the program; see ``Swift/String/init(nativeBytes:)``.
  package static var arguments: [String] {
    let start = CommandLine.unsafeArgv
    return (0..<Int(CommandLine.argc)).compactMap { index in
      start[index].map { String(nativeBytes: bytes(of: $0)) }
    }
  }

  /// The variables and their values, as native text; the first of several with one name counts.
  package static var environment: [String: String] {
    var variables: [String: String] = [:]
    #if canImport(Darwin)
      var entry = _NSGetEnviron().pointee
    #else
      var entry = environ
    #endif
    while let text = entry.pointee {
      let bytes = bytes(of: text)
      if let separator = bytes.firstIndex(of: UInt8(ascii: "=")) {
        let name = String(nativeBytes: Array(bytes[..<separator]))
        if variables[name] == nil {
          variables[name] = String(nativeBytes: Array(bytes[(separator + 1)...]))
        }
      }
      entry += 1
    }
    return variables
  }

  /// Absolute, as native text; `/` where there is none any more.
  package static var workingDirectory: String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(nativeBytes: bytes(of: path))
  }

  package static var identifier: Int32 { getpid() }

  /// Cores to work with.
  package static var coreCount: Int {
    max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  /// Operating system and architecture as Go names them, because servers' logs are read with that
  /// in mind.
  package static var platformName: String {
    #if canImport(Darwin)
      let system = "darwin"
    #else
      let system = "linux"
    #endif
    #if arch(x86_64)
      return system + "/amd64"
    #elseif arch(arm64)
      return system + "/arm64"
    #else
      return system + "/unknown"
    #endif
  }

  /// Ends the process at once.
  ///
  /// Not as `exit` does: what the libraries of libcurl tidy up there (OpenSSL's tables, say) its
  /// thread may still be using. Whatever was to be written has to be written before. Children that
  /// are left to themselves, such as a credential plugin behind a TAB, end with us.
  package static func end(status: Int32) -> Never {
    if Child.isAnyRunning { LastDuties.end(status: status) }
    _exit(status)
  }
}
