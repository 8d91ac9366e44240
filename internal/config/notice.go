package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mrsk/internal/yamltree"
)

// Notice is a remark about the file that is not an error, such as a deprecated key with its
// replacement.
type Notice struct {
	yamltree.Problem
	Lost bool // the key has no effect
}

// older adds the notice that a key is deprecated. now says what to write instead.
func (v value) older(now string, args ...any) {
	v.notice(Notice{Problem: yamltree.Problem{Text: "is deprecated", Advice: fmt.Sprintf(now, args...)}})
}

// lost adds the notice that a key has no effect.
func (v value) lost(why string, args ...any) {
	v.notice(Notice{Problem: yamltree.Problem{Text: "has no effect", Advice: fmt.Sprintf(why, args...)}, Lost: true})
}

// repeated adds notices about keys that a map has more than once, and about YAML tags. As in Kamal, the
// last key counts, and tags have no effect.
func (v value) repeated() {
	if v.Node == nil {
		return
	}
	if v.Tag != "" {
		v.lost("the tag %s is ignored", v.Tag)
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

// flow is a hash in YAML's flow style, for advice.
type flow []string

func (f *flow) add(key string, value any) { *f = append(*f, fmt.Sprintf("%s: %v", key, value)) }

func (f flow) String() string { return "{" + strings.Join(f, ", ") + "}" }

// sortedOnce returns the notices in the order of the file. It drops duplicates, which arise because
// inherited settings are read again for each role.
func sortedOnce(all []Notice) []Notice {
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
