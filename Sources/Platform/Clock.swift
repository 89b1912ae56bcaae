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
