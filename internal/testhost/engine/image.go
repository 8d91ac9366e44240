package engine

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Image is what docker image inspect tells of an image, as far as mrsk asks.
type Image struct {
	ID                    string `json:"Id"`
	RepoTags, RepoDigests []string
	Created               string
	Architecture          string
	Size                  int64 // in bytes
	Config                Config
	Program               string            `json:"-"`
	Files                 map[string]string `json:"-"` // its assets
}

// image returns the image of that reference, or with that id.
func (e *Engine) image(ref string) *Image {
	for _, i := range e.images {
		if i.ID == ref || slices.Contains(i.RepoTags, normal(ref)) || slices.Contains(i.RepoDigests, ref) {
			return i
		}
	}
	return nil
}

func (e *Engine) pull(x *exchange) error {
	if err := x.need(1, 1); err != nil {
		return err
	}
	if err := e.fetch(x.args[0]); err != nil {
		return err
	}
	x.print("%s", x.args[0])
	return nil
}

// fetch pulls an image from its registry.
func (e *Engine) fetch(ref string) error {
	if err := e.allowed(ref); err != nil {
		return err
	}
	m, found := e.registry.get(ref)
	if !found {
		return daemonError("manifest for %s not found: manifest unknown: manifest unknown", ref)
	}
	i := e.load(m)
	name := repository(ref) + "@sha256:" + m.digest
	if !slices.Contains(i.RepoDigests, name) {
		i.RepoDigests = append(i.RepoDigests, name)
	}
	if !strings.Contains(ref, "@") {
		e.give(i, normal(ref))
	}
	return nil
}

// load puts an image beside those that are there.
func (e *Engine) load(m manifest) *Image {
	id := "sha256:" + digest("image", m.digest)
	if i := e.image(id); i != nil {
		return i
	}
	i := &Image{
		ID: id, Created: m.created, Architecture: "amd64", Program: "/bin/program",
		Config: Config{Labels: m.labels}, Files: m.files,
	}
	e.images = append(e.images, i)
	return i
}

// give gives the image a tag, which whatever has it loses.
func (e *Engine) give(i *Image, tag string) {
	for _, other := range e.images {
		other.RepoTags = slices.DeleteFunc(other.RepoTags, func(t string) bool { return t == tag })
	}
	i.RepoTags = append(i.RepoTags, tag)
}

func (e *Engine) tag(x *exchange) error {
	if err := x.need(2, 2); err != nil {
		return err
	}
	i := e.image(x.args[0])
	if i == nil {
		return daemonError("No such image: %s", x.args[0])
	}
	e.give(i, normal(x.args[1]))
	return nil
}

func (e *Engine) push(x *exchange) error {
	if err := x.need(1, 1); err != nil {
		return err
	}
	i := e.image(x.args[0])
	if i == nil {
		return &Failure{1, "An image does not exist locally with the tag: " + x.args[0] + "\n"}
	}
	if err := e.allowed(x.args[0]); err != nil {
		return err
	}
	e.registry.put(x.args[0], manifest{digest(i.ID), i.Created, i.Config.Labels, i.Files})
	return nil
}

// build is docker buildx build, which pushes what it has built or leaves it here.
func (e *Engine) build(x *exchange) error {
	if err := x.need(1, 1); err != nil {
		return err
	}
	e.made++
	m := manifest{digest(append(x.flags["tag"], fmt.Sprint(e.made))...), e.now(), pairs(x.flags["label"]), assetsIn(x)}
	for _, ref := range x.flags["tag"] {
		if x.get("output") == "type=docker" {
			e.give(e.load(m), normal(ref))
			continue
		}
		if err := e.allowed(ref); err != nil {
			return err
		}
		e.registry.put(ref, m)
	}
	if file := x.get("metadata-file"); file != "" {
		return os.WriteFile(file, []byte(`{"containerimage.digest":"sha256:`+m.digest+`"}`), 0o600)
	}
	return nil
}

// assetsIn are the files in the folder assets of what is built.
func assetsIn(x *exchange) map[string]string {
	files := map[string]string{}
	found, _ := filepath.Glob(filepath.Join(x.Dir, x.args[0], "assets", "*")) // the pattern is a good one
	for _, f := range found {
		if text, err := os.ReadFile(f); err == nil {
			files[filepath.Base(f)] = string(text)
		}
	}
	return files
}

// name is a name of an image in docker image ls.
type name struct{ ID, Repository, Tag, Digest, CreatedAt string }

func (i *Image) names() []name {
	created, _ := time.Parse(time.RFC3339Nano, i.Created) // written by this package
	row := name{i.ID, "<none>", "<none>", "<none>", created.UTC().Format("2006-01-02 15:04:05 -0700 MST")}
	var out []name
	for _, tag := range i.RepoTags {
		n := row
		n.Repository, n.Tag = repository(tag), tag[strings.LastIndex(tag, ":")+1:]
		for _, d := range i.RepoDigests {
			if repository(d) == n.Repository {
				n.Digest = d[strings.Index(d, "@")+1:]
			}
		}
		out = append(out, n)
	}
	for _, d := range i.RepoDigests {
		if !slices.ContainsFunc(out, func(n name) bool { return n.Repository == repository(d) }) {
			n := row
			n.Repository, n.Digest = repository(d), d[strings.Index(d, "@")+1:]
			out = append(out, n)
		}
	}
	if len(out) == 0 {
		out = append(out, row)
	}
	return out
}

func (e *Engine) listImages(x *exchange) error {
	filters, err := x.filters("dangling", "label")
	if err != nil {
		return err
	}
	for _, i := range e.images {
		if !i.passes(filters) {
			continue
		}
		for _, n := range i.names() {
			if len(x.args) > 0 && !inRepository(x.args[0], n) {
				continue
			}
			if err := x.row(i.ID, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (i *Image) passes(filters map[string][]string) bool {
	for _, v := range filters["dangling"] {
		if (v == "true") != (len(i.RepoTags) == 0) {
			return false
		}
	}
	return all(filters["label"], func(l string) bool { return labelled(i.Config.Labels, l) })
}

// inRepository reports whether the name is what docker image ls was asked for: a repository, or a
// reference with a tag.
func inRepository(asked string, n name) bool {
	if normal(asked) == asked {
		return asked == n.Repository+":"+n.Tag
	}
	return repository(asked) == n.Repository
}

func (e *Engine) inspectImage(x *exchange) error {
	var failed error
	for _, ref := range x.args {
		i := e.image(ref)
		err := error(&Failure{1, "Error: No such image: " + ref + "\n"})
		if i != nil {
			err = x.show(x.get("format"), i)
		}
		if err != nil {
			failed = join(failed, err)
		}
	}
	return failed
}

func (e *Engine) removeImages(x *exchange) error {
	var failed error
	for _, ref := range x.args {
		if err := e.untag(x, ref); err != nil {
			failed = join(failed, err)
		}
	}
	return failed
}

// untag takes a name from an image, and removes one that has no other. One that a container uses stays.
func (e *Engine) untag(x *exchange, ref string) error {
	i := e.image(ref)
	if i == nil {
		return daemonError("No such image: %s", ref)
	}
	left := slices.DeleteFunc(slices.Clone(i.RepoTags), func(t string) bool { return t == normal(ref) })
	if i.ID == ref && len(left) > 1 {
		return daemonError("conflict: unable to delete %s (must be forced) - image is referenced in multiple repositories", ref)
	}
	if len(left) == 0 || i.ID == ref {
		for _, c := range e.containers {
			if c.Image == i.ID {
				return daemonError("conflict: unable to remove repository reference %q (must force) - container %s is using its referenced image", ref, c.ID[:12])
			}
		}
		e.images = slices.DeleteFunc(e.images, func(other *Image) bool { return other == i })
		x.print("Deleted: %s", i.ID)
		return nil
	}
	i.RepoTags = left
	x.print("Untagged: %s", ref)
	return nil
}

// Volume is a volume with what is in it.
type Volume struct {
	Name   string
	Labels map[string]string
	Files  map[string]string `json:"-"`
}

func (e *Engine) listVolumes(x *exchange) error {
	filters, err := x.filters("label", "name", "dangling")
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(e.volumes)) {
		v := e.volumes[key]
		passes := all(filters["label"], func(l string) bool { return labelled(v.Labels, l) }) &&
			all(filters["name"], func(n string) bool { return named(n, v.Name) }) &&
			all(filters["dangling"], func(d string) bool { return (d == "true") != (e.user(v.Name) != nil) })
		if !passes {
			continue
		}
		if err := x.row(v.Name, v); err != nil {
			return err
		}
	}
	return nil
}

// user is a container that mounts the volume, nil without one.
func (e *Engine) user(volume string) *Container {
	for _, c := range e.containers {
		if slices.ContainsFunc(c.HostConfig.Binds, func(b string) bool { return strings.HasPrefix(b, volume+":") }) {
			return c
		}
	}
	return nil
}

func (e *Engine) createVolume(x *exchange) error {
	if err := x.need(1, 1); err != nil {
		return err
	}
	key := x.args[0]
	if e.volumes[key] == nil {
		e.volumes[key] = &Volume{Name: key, Labels: pairs(x.flags["label"]), Files: map[string]string{}}
	}
	x.print("%s", key)
	return nil
}

func (e *Engine) inspectVolumes(x *exchange) error {
	for _, key := range x.args {
		v := e.volumes[key]
		if v == nil {
			return daemonError("get %s: no such volume", key)
		}
		if !x.has("format") {
			continue
		}
		if err := x.show(x.get("format"), v); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) removeVolumes(x *exchange) error {
	var failed error
	for _, key := range x.args {
		user := e.user(key)
		switch {
		case e.volumes[key] == nil && !x.has("force"):
			failed = join(failed, daemonError("get %s: no such volume", key))
		case user != nil:
			failed = join(failed, daemonError("remove %s: volume is in use - [%s]", key, user.ID))
		default:
			delete(e.volumes, key)
			x.print("%s", key)
		}
	}
	return failed
}
