package cli

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
)

// exitCode is the number with which a command ends.
type exitCode int

// anyOtherExit stands for all numbers that a command does not name. It is more than all of them.
const anyOtherExit exitCode = 256

func (c exitCode) String() string {
	if c == anyOtherExit {
		return "any other"
	}
	return strconv.Itoa(int(c))
}

// exitStatus is an exit code of a command and what it means.
type exitStatus struct {
	code    exitCode
	meaning string
}

// usualExits are those of a command that names no others.
var usualExits = []exitStatus{{0, "done"}, {exitFailed, "failed"}, {exitUsage, "the command line is wrong"}, {exitInterrupted, "interrupted"}}

// exitKind is a kind of command by its exit statuses. Commands carry it in an annotation.
type exitKind string

const (
	exitsOfStatus exitKind = "status"
	exitsOfDoctor exitKind = "doctor"
	exitsOfPlan   exitKind = "plan"
	exitsOfExec   exitKind = "exec" // runs a command of the user
)

// ownExits are the exit statuses of each kind. They take the place of usual ones with the same code.
var ownExits = map[exitKind][]exitStatus{
	exitsOfStatus: {{0, "all is as configured and healthy"}, {exitFailed, "failed, or a host did not answer"}, {exitDiffers, "something differs or is not healthy"}},
	exitsOfDoctor: {{0, "nothing was found"}, {exitDiffers, "something will fail"}, {exitWarned, "there are warnings alone"}},
	exitsOfPlan:   {{0, "versions, settings and variables stay as they are"}, {exitDiffers, "some of them change, or it is not known"}},
	exitsOfExec:   {{anyOtherExit, "that of the command, if it runs once"}},
}

// exitKindKey is the key of the annotation with the exitKind of a command.
const exitKindKey = "mrsk-exit-kind"

// exitsWith gives a command the exit statuses of a kind.
func exitsWith(c *cobra.Command, kind exitKind) *cobra.Command {
	return annotate(c, exitKindKey, string(kind))
}

// exitStatuses are those of a command in the order of their codes.
func exitStatuses(c *cobra.Command) []exitStatus {
	all := slices.Clone(ownExits[exitKind(c.Annotations[exitKindKey])])
	for _, usual := range usualExits {
		if !slices.ContainsFunc(all, func(own exitStatus) bool { return own.code == usual.code }) {
			all = append(all, usual)
		}
	}
	slices.SortFunc(all, func(a, b exitStatus) int { return cmp.Compare(a.code, b.code) })
	return all
}
