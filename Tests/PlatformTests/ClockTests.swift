import Foundation
import Platform
import Testing

@Suite struct ClockTests {
  @Test func `the clock counts seconds since 1970`() {
    let seconds = unixTimeNow()
    #expect(abs(Date().timeIntervalSince1970 - Double(seconds)) < 5)
  }
}
