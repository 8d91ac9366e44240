package config

import (
	"fmt"
	"maps"

	"mrsk/internal/redact"
	"mrsk/internal/yamltree"
)

// Secrets are the values of secrets by their keys in the secrets files. They do not change. The zero
// Secrets has none.
type Secrets struct{ values map[string]redact.String }

// NewSecrets returns Secrets with these values by their keys. A run gets its secrets from Scope.Secrets.
func NewSecrets(values map[string]redact.String) Secrets { return Secrets{maps.Clone(values)} }

// Of returns the text that ref has in the file, or the value of the secret that it names. It panics if
// that secret was not looked up: the Needs of the run leave it out.
func (s Secrets) Of(ref SecretRef) redact.String {
	if ref.Key == "" {
		return ref.Text
	}
	return s.named(ref.Key)
}

func (s Secrets) named(key string) redact.String {
	value, known := s.values[key]
	if !known {
		panic(fmt.Sprintf("config: secret %s was not looked up", key))
	}
	return value
}

// Variable is an environment variable with the value of a secret.
type Variable struct {
	Name  string
	Value redact.String
	Pos   yamltree.Pos // where the file asks for it
}

// Variables returns variables with their values. It panics as Of does.
func (s Secrets) Variables(all []Secret) []Variable {
	var out []Variable
	for _, one := range all {
		out = append(out, Variable{one.Name, s.named(one.Key), one.Pos})
	}
	return out
}

// Environment is an Env with the values of its secrets.
type Environment struct {
	Clear  []Pair // Value may hold ${NAME}
	Secret []Variable
}

// Env returns the environment with its values. It panics as Of does.
func (s Secrets) Env(e Env) Environment { return Environment{e.Clear, s.Variables(e.Secret)} }
