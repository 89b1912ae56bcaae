/// How many elements must be added, removed or replaced to turn one sequence into the other.
package func editDistance<Element: Equatable>(
  _ left: some Sequence<Element>, _ right: some Sequence<Element>
) -> Int {
  let target = Array(right)
  var row = Array(0...target.count)
  for (index, element) in left.enumerated() {
    var diagonal = row[0]
    row[0] = index + 1
    for column in target.indices {
      let replaced = diagonal + (target[column] == element ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
    }
  }
  return row[target.count]
}
