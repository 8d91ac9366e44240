package accessory

import (
	"cmp"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/plan"
	"mrsk/internal/redact"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// Prepare returns the steps that create the accessory's directories and copy its files. Each file is replaced
// by a rename, so a running container keeps the files that it was started with.
func (u Unit) Prepare() []plan.Step {
	var steps []plan.Step
	if HasFolder(u.Accessory) {
		steps = append(steps, plan.Step{
			Name:     "restrict folder " + u.Accessory.Service + " to its owner",
			Cause:    "its files may have secrets",
			Run:      closeFolder.Call().Add(home(u.Accessory.Service)),
			Captured: true, VerboseOnly: true,
		})
	}
	for _, d := range u.Accessory.Directories {
		steps = append(steps, plan.Step{
			Name:     "make directory " + u.Accessory.Folder(d),
			Cause:    "it is mounted at " + d.Remote,
			Run:      makeFolder.Call().Add(home(u.Accessory.Folder(d))).Lits(d.Mode, d.Owner, u.Accessory.Image),
			Captured: true,
		})
	}
	for i, f := range u.Accessory.Files {
		steps = append(steps, plan.Step{
			Name:     "copy file " + f.Local,
			Cause:    "it is mounted at " + f.Remote,
			Run:      u.put(f, u.content(i)),
			Captured: true,
		})
	}
	return steps
}

// longText is the size in bytes above which a file is sent as base64. bash reads base64 much faster than long
// quoted text.
const longText = 64 << 10

// put returns the command that writes a file. The content is not shown, because it may be long and contain
// secrets. Content that a shell cannot hold as text is sent as base64.
func (u Unit) put(f config.Mount, content string) shell.Line {
	filter := "cat"
	if len(content) > longText || !utf8.ValidString(content) || strings.ContainsRune(content, 0) {
		content, filter = base64.StdEncoding.EncodeToString([]byte(content)), "base64 -d"
	}
	put := putFile.Call().Add(home(u.Accessory.Path(f))).Lits(f.Mode, f.Owner, u.Accessory.Image, filter)
	return shell.Cmd("printf", "%s").Add(shell.Secret(redact.New(content))).Pipe(put)
}

// Run returns the step that runs a new container. Its restart policy is "no" until Keep. Otherwise docker
// would restart a broken container again and again while mrsk waits for it.
func (u Unit) Run(cause string) plan.Step {
	c := u.container()
	c.Labels = append(c.Labels, config.Pair{Name: docker.LabelConfig, Value: u.config()})
	if u.NeedsNetwork() {
		c.Alias = u.Alias()
		c.Labels = append(c.Labels, config.Pair{Name: docker.LabelAlias, Value: c.Alias})
	}
	return plan.Step{Name: "start container " + c.Name, Cause: cause, Run: c.Start(), Captured: true}
}

// AwaitUp returns the step that waits until the container is up: healthy if it has a health check, or else
// running for readiness_delay. For an accessory that may exit, exit status 0 is also fine. A container that
// does not come up is kept, so that the operator can look at it.
func (u Unit) AwaitUp() plan.Step {
	s := plan.Step{
		Name:     "wait until " + u.Accessory.Service + " is up",
		Kind:     script.AwaitHealthy,
		Cause:    "its health check must succeed or, without one, it must run for " + u.Delay.String(),
		Run:      docker.AwaitUp.Call(u.Accessory.Service, seconds(u.Delay), seconds(u.Timeout)),
		Captured: true,
	}
	if u.Accessory.Ends() {
		s.Name += ", or done"
		s.Cause += ", or end with exit status 0"
		s.Run = s.Run.Lits("once")
	}
	return s
}

// Keep returns the step that sets the container's restart policy, if it is now another one.
func (u Unit) Keep(now string) []plan.Step {
	policy := u.Accessory.Restart
	if now == policy {
		return nil
	}
	return []plan.Step{{Name: "set the restart policy " + policy, Cause: "it is up", Run: update(policy, u.Accessory.Service), Captured: true, VerboseOnly: true}}
}

func update(policy, container string) shell.Line {
	return docker.Cmd("update", "--restart", policy, container)
}

// Start returns the step that starts the existing container.
func (u Unit) Start(cause string) plan.Step {
	return plan.Step{Name: "start container " + u.Accessory.Service, Cause: cause, Run: docker.Cmd("start", u.Container().ID), Captured: true}
}

// always is the restart policy with which docker also starts a stopped container when the daemon starts.
const always = "always"

// Stop returns the step that stops the container within its own stop timeout. Afterwards docker does not start
// it by itself.
func (u Unit) Stop(cause string) plan.Step {
	k := u.Container()
	run := docker.Halt.Call(k.ID)
	if k.Restart == always {
		run = update("no", k.ID).And(run)
	}
	return plan.Step{Name: "stop container " + k.Name, Cause: cause, Run: run, Captured: true}
}

// Remove returns the step that removes the container. Volumes stay.
func (u Unit) Remove(cause string) plan.Step {
	k := u.Container()
	return plan.Step{Name: "remove container " + k.Name, Cause: cause, Run: docker.Cmd("rm", "--force", k.ID), Captured: true}
}

// HasFolder reports whether the accessory has a folder of its own on its hosts, for files or directories.
func HasFolder(a config.Accessory) bool {
	for _, d := range a.Directories {
		if !strings.HasPrefix(d.Local, "/") {
			return true
		}
	}
	return len(a.Files) > 0
}

// RemoveFolder returns the step that removes the accessory's folder with its files and directories. mrsk does
// not remove volumes and directories at absolute paths, because it did not create them.
func (u Unit) RemoveFolder(cause string) []plan.Step {
	a := u.Accessory
	if !HasFolder(a) || !u.Seen().Folder {
		return nil
	}
	return []plan.Step{{
		Name: "remove the folder " + a.Service + " with all data in it", Cause: cause,
		Run: removeFolder.Call().Add(home(a.Service)).Lits(cmp.Or(a.Image, u.Seen().Reference)), Captured: true,
	}}
}

// RemoveImage returns the step that removes the image. Docker keeps an image that another container uses.
func (u Unit) RemoveImage(cause string) []plan.Step {
	if u.Seen().Image == "" {
		return nil
	}
	return []plan.Step{{
		Name: "remove image " + u.Accessory.Image, Cause: cause,
		Run: docker.Cmd("image", "rm", u.Accessory.Image), BestEffort: true, Captured: true,
	}}
}
