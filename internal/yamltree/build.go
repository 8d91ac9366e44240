package yamltree

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxNodes limits the size of the tree, because aliases of aliases can make it grow exponentially. It is far
// more than a configuration needs, and low enough for algorithms that search lists linearly.
const maxNodes = 20_000

// builder converts the nodes of the YAML library.
type builder struct {
	from     source
	problems Problems
	anchored map[*yaml.Node]built
	path     []string
	tooLarge bool
}

// built is a node and the number of nodes in it. A node counts again for each alias.
type built struct {
	node *Node
	size int
}

func (b *builder) build(n *yaml.Node) built {
	if n.Kind == yaml.AliasNode {
		return b.alias(n)
	}
	b.checkTag(n)
	if n.Anchor == "" {
		return b.content(n)
	}
	// An anchor has no node while it is being built, so that an alias inside it does not recurse
	// without end.
	b.anchored[n] = built{}
	done := b.content(n)
	b.anchored[n] = done
	return done
}

func (b *builder) alias(n *yaml.Node) built {
	done := b.anchored[n.Alias]
	if done.node == nil {
		b.problem(n, fmt.Sprintf("*%s refers to a value that contains it", n.Value))
		return b.null(n)
	}
	return done
}

func (b *builder) content(n *yaml.Node) built {
	done := built{&Node{Pos: b.pos(n), Tag: foreign(n)}, 1}
	switch n.Kind {
	case yaml.MappingNode:
		done.node.Kind = Map
		b.entries(n, &done)
	case yaml.SequenceNode:
		done.node.Kind = List
		b.items(n, &done)
	default:
		done.node.Text = n.Value
		done.node.Quoted = n.Style&^(yaml.FlowStyle|yaml.TaggedStyle) != 0 || n.Style&yaml.TaggedStyle != 0 && n.Tag == "!!str"
		done.node.Null = n.Tag == "!!null"
	}
	if done.size > maxNodes && !b.tooLarge {
		b.tooLarge = true
		b.problem(n, fmt.Sprintf("is too large: it has more than %d values, those that its aliases stand for included", maxNodes))
	}
	if b.tooLarge {
		return b.null(n)
	}
	return done
}

func (b *builder) items(n *yaml.Node, into *built) {
	for i, item := range n.Content {
		b.path = append(b.path, fmt.Sprint(i))
		done := b.build(item)
		b.path = b.path[:len(b.path)-1]
		into.node.Items = append(into.node.Items, done.node)
		if into.size += done.size; into.size > maxNodes {
			return
		}
	}
}

func (b *builder) entries(n *yaml.Node, into *built) {
	var merges []int // indexes of the merge keys' entries
	index := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			b.problem(key, "a key must be a plain text")
			continue
		}
		if key.Tag == "!!merge" {
			merges = append(merges, len(into.node.Entries))
		}
		b.path = append(b.path, key.Value)
		done := b.build(value)
		b.path = b.path[:len(b.path)-1]
		into.node.add(Entry{Key: key.Value, Pos: b.pos(key), Value: done.node}, key.Tag == "!!merge", index)
		if into.size += 1 + done.size; into.size > maxNodes {
			return
		}
	}
	grown := 0
	for _, at := range merges {
		before := len(into.node.Entries)
		b.unfold(into.node, at+grown)
		grown += len(into.node.Entries) - before
	}
}

// add adds an entry, or replaces the one with the same key, which index has. Merge keys are kept separately
// until unfold.
func (m *Node) add(e Entry, merge bool, index map[string]int) {
	i, found := index[e.Key]
	switch {
	case found && !merge:
		e.Earlier = m.Entries[i].Pos
		m.Entries[i] = e
		return
	case !found:
		index[e.Key] = len(m.Entries)
	}
	m.Entries = append(m.Entries, e)
}

// unfold replaces the merge key at index at by the keys of its maps that the map does not have. In a list of maps
// the first one takes precedence.
func (b *builder) unfold(m *Node, at int) {
	merge := m.Entries[at]
	sources := []*Node{merge.Value}
	if merge.Value.Kind == List {
		sources = merge.Value.Items
	}
	rest := append(m.Entries[:at:at], m.Entries[at+1:]...)
	var brought []Entry
	for _, source := range sources {
		if source.Kind != Map {
			b.problems = append(b.problems, Problem{Pos: source.Pos, Path: b.pathText(), Text: "<< needs a map, or a list of maps"})
		}
		for _, e := range source.Entries {
			if !has(rest, e.Key) && !has(brought, e.Key) {
				brought = append(brought, e)
			}
		}
	}
	m.Entries = append(append(m.Entries[:at:at], brought...), m.Entries[at+1:]...)
}

func has(entries []Entry, key string) bool {
	for _, e := range entries {
		if e.Key == key {
			return true
		}
	}
	return false
}

// checkTag reports tags that make Ruby create an object. Ruby ignores all other unknown tags.
func (b *builder) checkTag(n *yaml.Node) {
	if strings.HasPrefix(n.Tag, "!ruby") {
		b.problem(n, fmt.Sprintf("tag %s means nothing here", n.Tag))
	}
}

// foreign returns a tag that is not one of YAML itself, "" if there is none.
func foreign(n *yaml.Node) string {
	if n.Style&yaml.TaggedStyle == 0 || strings.HasPrefix(n.Tag, "!!") || n.Tag == "!" {
		return ""
	}
	return n.Tag
}

func (b *builder) null(n *yaml.Node) built {
	return built{&Node{Pos: b.pos(n), Null: true}, 1}
}

func (b *builder) problem(n *yaml.Node, text string) {
	b.problems = append(b.problems, Problem{Pos: b.pos(n), Path: b.pathText(), Text: text})
}

func (b *builder) pathText() string { return strings.Join(b.path, "/") }

func (b *builder) pos(n *yaml.Node) Pos { return b.from.pos(n.Line, n.Column) }
