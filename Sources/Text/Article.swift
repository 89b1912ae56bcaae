/// `a GitRepository`, `an OCIRepository`: by the first letter, which suits the names of kinds.
package func withArticle(_ noun: String) -> String {
  let isVowel = noun.first.map { "AEIOUaeiou".contains($0) } ?? false
  return "\(isVowel ? "an" : "a") \(noun)"
}
