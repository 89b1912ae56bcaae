/// Runs a task for each element, some at once, and keeps the order.
func concurrently<Element: Sendable, Result: Sendable>(
  _ elements: [Element],
  width: Int = 8,
  _ body: @escaping @Sendable (Element) async -> Result
) async -> [Result] {
  var results = [Result?](repeating: nil, count: elements.count)
  await withTaskGroup(of: (Int, Result).self) { group in
    var next = 0
    func start() {
      guard next < elements.count else { return }
      let index = next
      next += 1
      group.addTask { (index, await body(elements[index])) }
    }
    for _ in 0..<max(1, width) { start() }
    for await (index, result) in group {
      results[index] = result
      start()
    }
  }
  return results.compactMap(\.self)
}
