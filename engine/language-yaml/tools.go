//go:build tools

// Package tools pins what the tests of a component provider build.
package tools

import _ "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
