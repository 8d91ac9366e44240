package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/yamltree"
)

// Notice is something in the file that is no mistake, yet worth a word: a key of an older form,
// with what is written now in its place.
type Notice struct {
	yamltree.Problem
	Lost bool // what the key said has no counterpart here, and no effect
}

// older notes that a key is of an older form.
func (v value) older(now string, args ...any) {
	v.notice(Notice{Problem: yamltree.Problem{Text: "is of an older form", Advice: fmt.Sprintf(now, args...)}})
}

// lost notes that something of an older form has no effect.
func (v value) lost(why string, args ...any) {
	v.notice(Notice{Problem: yamltree.Problem{Text: "has no effect", Advice: fmt.Sprintf(why, args...)}, Lost: true})
}

// repeated notes keys that a map has more than once, and tags that mean nothing. The reference takes
// the last one, and the value without its tag, too.
func (v value) repeated() {
	if v.Node == nil {
		return
	}
	if v.Tag != "" {
		v.lost("the tag %s means nothing here", v.Tag)
	}
	for _, item := range v.Items {
		value{item, v.path, v.log}.repeated()
	}
	for _, e := range v.Entries {
		at := value{e.Value, strings.TrimPrefix(v.path+"/"+e.Key, "/"), v.log}
		if e.Earlier != (yamltree.Pos{}) {
			text := fmt.Sprintf("is already there, on line %d", e.Earlier.Line)
			v.log.notices = append(v.log.notices, Notice{Problem: yamltree.Problem{Pos: e.Pos, Path: at.path, Text: text, Advice: "the later one counts"}})
		}
		at.repeated()
	}
}

func (v value) notice(n Notice) {
	n.Pos, n.Path = v.Pos, v.path
	v.log.notices = append(v.log.notices, n)
}

// flow is a hash as the user could write it.
type flow []string

func (f *flow) add(key string, value any) { *f = append(*f, fmt.Sprintf("%s: %v", key, value)) }

func (f flow) String() string { return "{" + strings.Join(f, ", ") + "}" }

// told returns the notices in the order of the file, each place once: what roles inherit is read again for each of them.
func told(all []Notice) []Notice {
	var once []Notice
	seen := map[Notice]bool{}
	for _, n := range all {
		key := n
		key.Path = ""
		if !seen[key] {
			once = append(once, n)
		}
		seen[key] = true
	}
	slices.SortStableFunc(once, func(a, b Notice) int {
		return cmp.Or(strings.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	return once
}
