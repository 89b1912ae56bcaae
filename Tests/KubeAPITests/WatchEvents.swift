/// One line of a watch.
func event(_ type: String, _ name: String, _ version: String) -> String {
  #"{"type":"\#(type)","object":{"kind":"ConfigMap","metadata":{"name":"\#(name)","resourceVersion":"\#(version)"}}}"#
    + "\n"
}

func errorEvent(_ code: Int, _ reason: String, _ message: String) -> String {
  #"{"type":"ERROR","object":{"kind":"Status","status":"Failure","code":\#(code),"reason":"\#(reason)","message":"\#(message)"}}"#
    + "\n"
}
