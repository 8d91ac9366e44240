package config

import (
	"slices"
	"strings"

	"mrsk/internal/yamltree"
)

// maxArgument is Linux's limit in bytes on NAME=value with its final NUL (MAX_ARG_STRLEN). docker run
// fails above it.
const maxArgument = 128 * 1024

// envFile is an env section while it is read. Only the section of the root may have tags.
type envFile struct {
	Env
	tags   []tagEnv
	isRoot bool
}

// tagEnv is the env that hosts with a tag get in addition.
type tagEnv struct {
	tag string
	env Env
}

// envSection is a function and not a variable, because its tags are env sections again. A variable
// would refer to itself.
func envSection() section[envFile] {
	return section[envFile]{
		name: "env",
		doc: `Environment of the containers, in one of two forms: NAME: value pairs, or the keys below. A role's env is
merged over the root's, and the env of a host's tags over both, in the order in which the host lists its tags. The last
section that names a variable wins. If one section names a variable as clear and as secret, the clear value wins. An
empty or null clear value sets an empty variable.`,
		fields: []field[envFile]{
			{"clear", "hash of strings", "", "Variables with their values. The host fills in ${NAME} in a value; any other $ is literal.", readClear},
			{"secret", "array of strings", "", "Variables whose values are in the secrets files: NAME, or NAME:KEY if the secret has another name there.", readSecrets},
			{"tags", "hash", "", "Env sections by tag, for the hosts with the tag. Only in the root env.", readTags},
		},
	}
}

func readEnv(v value, isRoot bool) envFile {
	e := envFile{isRoot: isRoot}
	switch {
	case v.absent():
	case v.Kind == yamltree.Map && !isComplex(v):
		readClear(v, &e)
	default:
		envSection().read(v, &e)
	}
	e.Secret = slices.DeleteFunc(e.Secret, func(s Secret) bool { return hasPair(e.Clear, s.Name) })
	return e
}

func isComplex(v value) bool {
	return v.Get("clear") != nil || v.Get("secret") != nil || v.Get("tags") != nil
}

func readClear(v value, into *envFile) {
	entries, _ := v.hash()
	for _, e := range entries {
		checkEnvName(e.value, e.key)
		p := Pair{Name: e.key, Pos: e.Pos}
		if e.Kind != yamltree.Scalar || !e.Null {
			p.Value = e.passed()
		}
		if !fitsArgument(p.Name, p.Value) {
			e.problem("is larger than %d bytes, the limit of Linux for a variable", maxArgument)
		}
		into.Clear = append(into.Clear, p)
	}
}

// fitsArgument reports whether NAME=value is within maxArgument.
func fitsArgument(name, value string) bool {
	return len(name)+len("=")+len(value)+1 <= maxArgument
}

func checkEnvName(v value, name string) {
	if name == "" || strings.ContainsAny(name, "=\x00\n\r") {
		v.problem("%q cannot be the name of a variable", name)
	}
}

func readSecrets(v value, into *envFile) {
	items, _ := v.array()
	for _, item := range items {
		s, ok := readSecret(item)
		if !ok {
			continue
		}
		into.Secret = append(dropSecret(into.Secret, s.Name), s)
	}
}

// readSecret reads NAME or NAME:KEY.
func readSecret(v value) (Secret, bool) {
	entry, ok := v.word()
	if !ok {
		return Secret{}, false
	}
	name, key, aliased := strings.Cut(entry, ":")
	if !aliased {
		key = name
	}
	if key == "" {
		v.problem("%q names no secret after the colon", entry)
		return Secret{}, false
	}
	checkEnvName(v, name)
	return Secret{Name: name, Key: key, Pos: v.Pos}, true
}

func readTags(v value, into *envFile) {
	if !into.isRoot {
		v.path = strings.TrimSuffix(v.path, "/tags")
		v.problem("tags are only allowed in the root env")
		return
	}
	entries, _ := v.hash()
	for _, e := range entries {
		into.tags = append(into.tags, tagEnv{e.key, readEnv(e.value, false).Env})
	}
}

// over returns e merged over base. A variable that e has replaces one of the same name in base, whether
// clear or secret.
func (e Env) over(base Env) Env {
	merged := Env{Clear: slices.Clone(base.Clear), Secret: slices.Clone(base.Secret)}
	for _, p := range e.Clear {
		merged.Clear = putPair(merged.Clear, p)
		merged.Secret = dropSecret(merged.Secret, p.Name)
	}
	for _, s := range e.Secret {
		merged.Secret = append(dropSecret(merged.Secret, s.Name), s)
		merged.Clear = slices.DeleteFunc(merged.Clear, func(p Pair) bool { return p.Name == s.Name })
	}
	return merged
}

func dropSecret(all []Secret, name string) []Secret {
	return slices.DeleteFunc(all, func(s Secret) bool { return s.Name == name })
}

// putPair replaces the pair with the name of p, or appends p.
func putPair(all []Pair, p Pair) []Pair {
	for i := range all {
		if all[i].Name == p.Name {
			all[i] = p
			return all
		}
	}
	return append(all, p)
}

func hasPair(all []Pair, name string) bool {
	return slices.ContainsFunc(all, func(p Pair) bool { return p.Name == name })
}

// Prefixed returns variables that mrsk sets in a container, with the prefix MRSK_. In a Kamal project
// they are repeated with KAMAL_, because the app may read these.
func (p *Project) Prefixed(own ...Pair) []Pair {
	var all []Pair
	for _, v := range own {
		all = append(all, Pair{Name: "MRSK_" + v.Name, Value: v.Value})
	}
	if p.OfKamal {
		for _, v := range own {
			all = append(all, Pair{Name: "KAMAL_" + v.Name, Value: v.Value})
		}
	}
	return all
}
