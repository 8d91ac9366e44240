package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mrsk/internal/yamltree"
)

// filler replaces ${env:NAME} and ${env:NAME:-default} by values of the operator's environment. It
// leaves other forms of ${NAME} to the host.
type filler struct {
	environ []string
	log     *problemLog
	filled  map[*yamltree.Node]*yamltree.Node // YAML aliases share nodes
}

// fill returns the tree with all values filled in. An unquoted value gets the type that its text would
// have in the file.
func (o LoadOptions) fill(root *yamltree.Node, log *problemLog) *yamltree.Node {
	f := filler{o.world().Environ(), log, map[*yamltree.Node]*yamltree.Node{}}
	return f.node(root, "")
}

func (f filler) node(n *yamltree.Node, path string) *yamltree.Node {
	if n == nil {
		return nil
	}
	if done, found := f.filled[n]; found {
		return done
	}
	full := *n
	switch n.Kind {
	case yamltree.Map:
		full.Entries = slices.Clone(n.Entries)
		for i, e := range full.Entries {
			full.Entries[i].Value = f.node(e.Value, within(path, e.Key))
		}
	case yamltree.List:
		full.Items = slices.Clone(n.Items)
		for i, item := range full.Items {
			full.Items[i] = f.node(item, within(path, strconv.Itoa(i)))
		}
	default:
		f.scalar(&full, path)
	}
	f.filled[n] = &full
	return &full
}

func within(path, key string) string {
	if path == "" {
		return key
	}
	return path + "/" + key
}

func (f filler) scalar(n *yamltree.Node, path string) {
	if !strings.Contains(n.Text, "${env:") {
		return
	}
	for _, m := range namedInEnv.FindAllStringSubmatch(n.Text, -1) {
		value, _ := lookup(f.environ, m[1])
		f.log.use(line{n.Pos.File, n.Pos.Line}, m[1], value == "")
	}
	text, advice, err := f.text(n.Text)
	if err != nil {
		f.log.lacking(yamltree.Problem{Pos: n.Pos, Path: path, Text: err.Error(), Advice: advice})
	}
	n.Text = text
	n.Null = !n.Quoted && slices.Contains([]string{"", "~", "null", "Null", "NULL"}, text)
}

var namedInEnv = regexp.MustCompile(`\$\{env:([A-Za-z_][A-Za-z0-9_]*)`)

var fromEnv = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)(:-)?`)

// text fills in a text. A default may contain ${env:NAME}, too.
func (f filler) text(text string) (full, advice string, err error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${env:")
		b.WriteString(before)
		if !found {
			return b.String(), "", nil
		}
		end := closingBrace(rest)
		head := fromEnv.FindStringSubmatch(rest[:max(end, 0)])
		if head == nil || head[2] == "" && len(head[0]) != end {
			return text, "write ${env:NAME} or ${env:NAME:-default}", fmt.Errorf("${env: needs a name and a }")
		}
		value, advice, err := f.value(head[1], head[2] != "", rest[len(head[0]):end])
		if err != nil {
			return text, advice, err
		}
		b.WriteString(value)
		text = rest[end+1:]
	}
}

// value returns the value of a variable. As in a shell, the default applies to an empty variable, too.
func (f filler) value(name string, hasDefault bool, fallback string) (value, advice string, err error) {
	value, found := lookup(f.environ, name)
	switch {
	case hasDefault && value == "":
		return f.text(fallback)
	case !found:
		return "", fmt.Sprintf("set it, or give it a default: ${env:%s:-…}", name), fmt.Errorf("%s is not set in the environment", name)
	}
	return value, "", nil
}

func lookup(environ []string, name string) (string, bool) {
	for _, one := range slices.Backward(environ) {
		if key, value, _ := strings.Cut(one, "="); key == name {
			return value, true
		}
	}
	return "", false
}

// closingBrace returns the index of the } that closes a ${ before text, or -1.
func closingBrace(text string) int {
	depth := 0
	for i := range len(text) {
		switch {
		case text[i] == '}' && depth == 0:
			return i
		case text[i] == '}':
			depth--
		case strings.HasPrefix(text[i:], "${"):
			depth++
		}
	}
	return -1
}
