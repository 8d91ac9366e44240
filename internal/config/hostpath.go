package config

import (
	"regexp"
	"strings"
)

// filledIn is what the host's shell fills in: a variable, with a default or without.
var filledIn = regexp.MustCompile("\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^`\"$\\\\{}\n]*)?\\}")

// bareVariable is a variable without braces.
var bareVariable = regexp.MustCompile(`\$([A-Za-z_][A-Za-z0-9_]*)`)

// hostPath returns text in which the host fills in the home and the folder that a login begins in.
// Kamal hands volumes to the host's shell as they are, which also runs the commands in them; here
// nothing but variables is ever evaluated, and what would be is a problem.
func (v value) hostPath(text string) string {
	if rest, inHome := strings.CutPrefix(text, "~/"); inHome {
		text = "${HOME}/" + rest
	}
	text = bareVariable.ReplaceAllStringFunc(text, func(name string) string {
		if name == "$HOME" || name == "$PWD" {
			return "${" + name[1:] + "}"
		}
		return name
	})
	rest := filledIn.ReplaceAllString(text, "")
	switch bare := bareVariable.FindString(rest); {
	case strings.Contains(rest, "`") || strings.Contains(rest, "$("):
		v.advise("write what the command prints, or take it from your environment with ${env:NAME}", "a command in a path is not run on the hosts")
	case strings.HasPrefix(text, "~"):
		v.advise("write the path of that home", "the home of another user is not filled in")
	case bare != "":
		v.advise("write ${"+bare[1:]+"} for the host's, or ${env:"+bare[1:]+"} for yours", "%s is not filled in", bare)
	case strings.Contains(rest, "$"):
		v.advise("write ${NAME} or ${NAME:-default}", "a $ that begins no variable")
	}
	return text
}

// volumes reads an array of what docker run --volume takes.
func volumes[T any](at func(*T) *[]string) func(value, *T) {
	return func(v value, into *T) {
		items, _ := v.array()
		all := make([]string, len(items))
		for i, item := range items {
			if text, ok := item.word(); ok {
				all[i] = item.hostPath(text)
			}
		}
		*at(into) = all
	}
}
