import Foundation
import Platform
import Testing

@Suite struct ThisProcessTests {
  @Test func `the process knows its surroundings`() {
    #expect(ThisProcess.environment == ProcessInfo.processInfo.environment)
    #expect(ThisProcess.arguments == CommandLine.arguments)
    #expect(ThisProcess.workingDirectory == FileManager.default.currentDirectoryPath)
    #expect(ThisProcess.identifier == ProcessInfo.processInfo.processIdentifier)
    #expect(ThisProcess.coreCount == ProcessInfo.processInfo.activeProcessorCount)
  }

  @Test func `threads take no signals`() async {
    let isBlocked = await withCheckedContinuation { continuation in
      let code = startThread {
        var blocked = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &blocked)
        continuation.resume(
          returning: [SIGINT, SIGTERM, SIGPIPE].allSatisfy {
            sigismember(&blocked, $0) == 1
          })
      }
      #expect(code == 0)
    }
    #expect(isBlocked)
  }

  @Test(
    arguments: [
      ("127.0.0.1", [127, 0, 0, 1]), ("::1", [UInt8](repeating: 0, count: 15) + [1]),
      ("1.2.3", nil), ("localhost", nil), ("", nil),
    ] as [(String, [UInt8]?)])
  func `addresses are read as the system reads them`(text: String, bytes: [UInt8]?) {
    #expect(addressBytes(text) == bytes)
  }
}
