package yamltree

import (
	"strconv"
	"strings"
)

// Kind is the kind of a node.
type Kind int

// The kinds of nodes.
const (
	Scalar Kind = iota
	Map
	List
)

// Node is a value of the tree. Aliases of one anchor share the node, so do not change nodes.
type Node struct {
	Kind Kind
	Pos  Pos
	Tag  string // an application tag, such as !secret; "" without one or with a tag of YAML itself

	// For scalars: the text as written without quotes; whether it was quoted, as block texts and
	// values tagged !!str are; and whether it is absent, null or ~.
	Text   string
	Quoted bool
	Null   bool

	Entries []Entry // of a map, in the order of the file
	Items   []*Node // of a list
}

// Entry is a key of a map with its value.
type Entry struct {
	Key   string
	Pos   Pos // of the key
	Value *Node

	// Earlier is the position of the same key earlier in the map, zero if the key is there once. The
	// last value counts, as in most YAML readers.
	Earlier Pos
}

// Get returns the value of a key. It returns nil if the key is missing, n is not a map, or n is nil.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for _, e := range n.Entries {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

// Bool returns the value of an unquoted true, yes, on, false, no or off, in the spellings of YAML 1.1. ok is false
// for anything else.
func (n *Node) Bool() (value, ok bool) {
	if n.Kind != Scalar || n.Quoted {
		return false, false
	}
	value, ok = booleans[n.Text]
	return value, ok
}

var booleans = spellings(map[string]bool{
	"true": true, "yes": true, "on": true, "false": false, "no": false, "off": false,
})

// spellings adds Word and WORD to every word.
func spellings(words map[string]bool) map[string]bool {
	all := make(map[string]bool, 3*len(words))
	for word, value := range words {
		all[word] = value
		all[strings.ToUpper(word)] = value
		all[strings.ToUpper(word[:1])+word[1:]] = value
	}
	return all
}

// Int returns the value of an unquoted integer: decimal, 0x, 0o, 0b, or octal after a leading zero, with
// underscores between digits. ok is false for anything else.
func (n *Node) Int() (value int, ok bool) {
	if n.Kind != Scalar || n.Quoted || n.Null {
		return 0, false
	}
	number, err := strconv.ParseInt(strings.ReplaceAll(n.Text, "_", ""), 0, strconv.IntSize)
	return int(number), err == nil && !strings.HasPrefix(n.Text, "_")
}
