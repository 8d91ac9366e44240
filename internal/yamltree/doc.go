// Package yamltree reads YAML into a tree in which every value knows the file, line and column
// that it came from and keeps its literal text: 0755 stays "0755" and 1.0 stays "1.0". What a
// text means (a boolean, a number) is decided by whoever asks. Anchors, aliases and << merges
// are resolved; duplicate keys and syntax errors are problems with a position. It knows nothing
// of what the keys mean.
package yamltree
