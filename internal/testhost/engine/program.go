package engine

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// runOnce is docker run in the foreground.
func (e *Engine) runOnce(x *exchange, c *Container) error {
	if err := e.launch(c); err != nil {
		return &Failure{125, "docker: " + err.Error() + ".\n"}
	}
	err := e.program(x, c)
	status := 0
	if failed := new(*Failure); errors.As(err, failed) {
		status = (*failed).Status
	}
	e.down(c, status)
	return err
}

// program runs what a container was made for.
func (e *Engine) program(x *exchange, c *Container) error {
	words := c.Args
	if x.has("entrypoint") {
		words = append([]string{c.Path}, words...)
	}
	verb, own := ownProgram(words)
	files := e.proxyFiles(c)
	switch {
	case own && files != nil:
		return visit{e, x, e.runningOver(files), files}.run(verb)
	case own && slices.ContainsFunc(c.HostConfig.Binds, func(b string) bool { return strings.HasSuffix(b, ":/new") }):
		return e.mergeAssets(c)
	case c.Path == "chmod" || c.Path == "chown":
		return nil
	case c.Path == "sh" && len(c.Args) == 2 && strings.HasPrefix(c.Args[1], "rm -rf /mrsk/*"):
		return empty(c)
	}
	return e.outcome(x, c, words)
}

// runningOver is the proxy that watches the files, nil where it does not run.
func (e *Engine) runningOver(files *Volume) *Container {
	for _, c := range e.containers {
		if e.isProxy(c) && e.proxyFiles(c) == files {
			return c
		}
	}
	return nil
}

// outcome is what a program of the user's comes to.
func (e *Engine) outcome(x *exchange, c *Container, words []string) error {
	line := strings.Join(words, " ")
	o, known := e.habit(c).Programs[line]
	if !known {
		o.Says = "ran " + line
	}
	x.print("%s", o.Says)
	if o.Status != 0 {
		return &Failure{o.Status, ""}
	}
	return nil
}

func (e *Engine) exec(x *exchange) error {
	if err := x.need(2, 1000); err != nil {
		return err
	}
	c, words := e.find(x.args[0]), x.args[1:]
	switch {
	case c == nil:
		return daemonError("No such container: %s", x.args[0])
	case !c.State.Running:
		return daemonError("container %s is not running", c.ID)
	}
	files := e.proxyFiles(c)
	line := strings.Join(words, " ")
	switch verb, own := ownProgram(words); {
	case own && files != nil:
		return visit{e, x, c, files}.run(verb)
	case line == "cat /proc/net/tcp /proc/net/tcp6":
		e.connections(x)
		return nil
	case strings.HasPrefix(line, "rm -f /mrsk/") && files != nil && len(words) == 3:
		delete(files.Files, strings.TrimPrefix(words[2], "/mrsk/"))
		e.takeUp(files)
		return nil
	}
	return e.outcome(x, c, words)
}

// mergeAssets gives a new container the assets of both versions, and its predecessor what is new.
func (e *Engine) mergeAssets(c *Container) error {
	at := map[string]*Volume{}
	for _, bind := range c.HostConfig.Binds {
		source, target, _ := strings.Cut(bind, ":")
		at[target] = e.volumes[source]
	}
	if len(at["/new"].Files) == 0 {
		return &Failure{1, "the image has no files in its path of assets\n"}
	}
	for _, from := range []string{"/old", "/new"} {
		maps.Copy(at["/all"].Files, at[from].Files)
	}
	for name, text := range at["/new"].Files {
		if before := at["/before"]; before != nil && before.Files[name] == "" {
			before.Files[name] = text
		}
	}
	return nil
}

// empty removes what is in the folder of the host that a container mounts.
func empty(c *Container) error {
	for _, bind := range c.HostConfig.Binds {
		source, _, _ := strings.Cut(bind, ":")
		inside, err := filepath.Glob(filepath.Join(source, "*"))
		if err != nil {
			return err
		}
		for _, f := range inside {
			if err := os.RemoveAll(f); err != nil {
				return err
			}
		}
	}
	return nil
}
