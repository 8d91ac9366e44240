package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mrsk/internal/yamltree"
)

// filledIn matches what the host's shell fills in: ${NAME} or ${NAME:-default}.
var filledIn = regexp.MustCompile("\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^`\"$\\\\{}\n]*)?\\}")

// bareVariable is a variable without braces.
var bareVariable = regexp.MustCompile(`\$([A-Za-z_][A-Za-z0-9_]*)`)

// hostPath rewrites ~/, $HOME and $PWD to the form ${NAME}, which the host's shell fills in. Kamal passes
// volumes to the host's shell unchanged, so commands in them run. mrsk only fills in variables, and
// reports everything else that a shell would evaluate.
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
		v.advise("write the output of the command, or ${env:NAME} for a variable of your environment", "a command in a path is not run on the hosts")
	case strings.HasPrefix(text, "~"):
		v.advise("write the path of that home", "~user is not filled in")
	case bare != "":
		v.advise("write ${"+bare[1:]+"} for the host's, or ${env:"+bare[1:]+"} for yours", "%s is not filled in", bare)
	case strings.Contains(rest, "$"):
		v.advise("write ${NAME} or ${NAME:-default}", "the $ is not followed by a variable")
	}
	return text
}

// volumes reads an array of volumes in the form of docker run --volume.
func volumes[T any](at func(*T) *[]string) func(value, *T) {
	return func(v value, into *T) {
		items, _ := v.array()
		all := make([]string, len(items))
		for i, item := range items {
			if text, ok := item.word(); ok {
				all[i] = item.hostPath(text)
				item.checkVolume(all[i])
			}
		}
		*at(into) = all
	}
}

// checkVolume reports a volume with an empty part, and names the variables that a part lacks.
func (v value) checkVolume(text string) {
	parts := strings.Split(filledIn.ReplaceAllString(text, "x"), ":")
	blank := slices.ContainsFunc(parts, func(part string) bool { return strings.TrimSpace(part) == "" })
	switch lacking := v.lacking(); {
	case blank && len(parts) > 1:
		v.advise("write name:/path, or /path/on/the/host:/path", "%q has an empty part", text)
	case lacking != "":
		v.notice(Notice{Problem: yamltree.Problem{Text: fmt.Sprintf("%s in the environment, so the volume is %s", lacking, text), Advice: v.setting()}})
	}
}
