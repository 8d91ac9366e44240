package config

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"mrsk/internal/erb"
	"mrsk/internal/yamltree"
)

// world returns what templates can access. In its environment, MRSK_DESTINATION and KAMAL_DESTINATION
// are the destination of this run.
func (o LoadOptions) world() erb.World {
	w := o.World
	outer := w.Environ
	w.Environ = func() []string {
		var environ []string
		if outer != nil {
			environ = slices.Clone(outer())
		}
		environ = slices.DeleteFunc(environ, func(one string) bool {
			return strings.HasPrefix(one, "MRSK_DESTINATION=") || strings.HasPrefix(one, "KAMAL_DESTINATION=")
		})
		if o.Destination != "" {
			environ = append(environ, "MRSK_DESTINATION="+o.Destination, "KAMAL_DESTINATION="+o.Destination)
		}
		return environ
	}
	return w
}

// yaml parses the text of a file. If it is a template, yaml renders it first; positions are still those
// of the file.
func (o LoadOptions) yaml(file string, data []byte, log *problemLog) (*yamltree.Node, error) {
	template := string(data)
	if !erb.Is(template) || !utf8.ValidString(template) {
		return yamltree.Parse(file, data)
	}
	r, err := erb.Render(template, o.world())
	if err != nil {
		return nil, templateProblems(file, err)
	}
	log.uses(file, r)
	return yamltree.ParseRendered(file, []byte(r.Text), r.Origin)
}

func templateProblems(file string, err error) Problems {
	var all erb.Errors
	if !errors.As(err, &all) {
		return Problems{{Pos: yamltree.Pos{File: file}, Text: err.Error()}}
	}
	var problems Problems
	for _, e := range all {
		problems = append(problems, yamltree.Problem{Pos: yamltree.Pos{File: file, Line: e.Line, Column: e.Column}, Text: e.Text, Advice: e.Advice})
	}
	return problems
}
