package yamltree

import (
	"strconv"
	"strings"
)

// Kind is what a node is.
type Kind int

// The kinds of nodes.
const (
	Scalar Kind = iota
	Map
	List
)

// Node is a value of the tree. Nodes are shared between places that refer to the same anchor,
// so they are never changed.
type Node struct {
	Kind Kind
	Pos  Pos
	Tag  string // that is not one of YAML's own, "" without one; it means nothing

	// Of scalars: the text as written, without quotes, and whether it had any (block texts and
	// values tagged !!str count as quoted). Null is an absent value or a plain null or ~.
	Text   string
	Quoted bool
	Null   bool

	Entries []Entry // of maps, in the file's order
	Items   []*Node // of lists
}

// Entry is a key of a map with its value.
type Entry struct {
	Key   string
	Pos   Pos // of the key
	Value *Node

	// Earlier is where the same map has the key before, else zero. As for YAML's usual readers, the
	// last value counts.
	Earlier Pos
}

// Get returns the value of a key, nil when the map has no such key or n is no map, or nil.
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

// Bool is the truth value of a plain scalar: true, yes, on, false, no, off, in the case
// variants of YAML 1.1. A quoted word is a text and no boolean.
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

// Int is the number of a plain scalar: decimal, 0x, 0o, 0b, or octal after a leading zero, with
// underscores between digits. A quoted number is a text.
func (n *Node) Int() (value int, ok bool) {
	if n.Kind != Scalar || n.Quoted || n.Null {
		return 0, false
	}
	number, err := strconv.ParseInt(strings.ReplaceAll(n.Text, "_", ""), 0, strconv.IntSize)
	return int(number), err == nil && !strings.HasPrefix(n.Text, "_")
}
