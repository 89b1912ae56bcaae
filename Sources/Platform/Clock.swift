import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Seconds since 1970, now.
package func unixTimeNow() -> Int64 {
  Int64(time(nil))
}

/// Nanoseconds since the present second began.
package func unixTimeFraction() -> Int {
  let moment = Date().timeIntervalSince1970
  return Int((moment - moment.rounded(.down)) * 1e9)
}
