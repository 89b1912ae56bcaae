/// Runs a task for each element, some at once, and keeps the order.
///
/// - Throws: The first failure to be known; what runs then is cancelled, and nothing more begins.
func concurrently<Element: Sendable, Output: Sendable, Failure: Error>(
  _ elements: [Element],
  width: Int = 8,
  _ body: @escaping @Sendable (Element) async throws(Failure) -> Output
) async throws(Failure) -> [Output] {
  let outcome = await withTaskGroup(of: (Int, Result<Output, Failure>).self) { group in
    var results = [Output?](repeating: nil, count: elements.count)
    var next = 0
    func start() {
      guard next < elements.count else { return }
      let index = next
      next += 1
      group.addTask {
        do throws(Failure) {
          return (index, .success(try await body(elements[index])))
        } catch {
          return (index, .failure(error))
        }
      }
    }
    for _ in 0..<max(1, width) { start() }
    for await (index, result) in group {
      switch result {
      case .success(let output): results[index] = output
      case .failure(let error):
        group.cancelAll()
        return Result<[Output], Failure>.failure(error)
      }
      start()
    }
    return .success(results.compactMap(\.self))
  }
  return try outcome.get()
}
