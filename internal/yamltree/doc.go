// Package yamltree reads YAML into a tree of nodes. Each node has its file, line and column, and the text as it
// was written: 0755 stays "0755" and 1.0 stays "1.0". The caller decides whether a text is a boolean or a
// number. Anchors, aliases and << merges are resolved. Syntax errors are problems with a position. The package
// does not know what the keys mean.
package yamltree
